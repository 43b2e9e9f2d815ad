"""Routes of the weekly review."""

from __future__ import annotations

from django.urls import path

from teams.views import weekly, weekly_mail

urlpatterns = [
    path("weekly/", weekly.weekly, name="weekly"),
    path("weekly/freezing/", weekly.weekly_freeze, name="weekly-freeze"),
    path("weekly/mail/", weekly_mail.weekly_mail, name="weekly-mail"),
    path("weekly/mail/letter/", weekly_mail.weekly_mail_letter, name="weekly-mail-letter"),
    path("weekly/mail/send/", weekly_mail.weekly_mail_send, name="weekly-mail-send"),
    path("weekly/<str:week>/", weekly.weekly_past, name="weekly-past"),
    path("weekly/<str:week>/remarks/", weekly.weekly_remark, name="weekly-remark"),
]
