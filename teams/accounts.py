"""How accounts come about: by invitation only, never by signing up. Links in mails start with SITE_URL."""

from __future__ import annotations

from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is not right. Try again, or reset it.",
        "too_many_login_attempts": "Too many tries. Wait five minutes and try again, or reset your password.",
        "enter_current_password": "This is not your current password. Type it again, or reset it.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether one may be led there after signing in: only to pages of this very site.

        allauth's own answer is wider (every allowed host, any port) and fails on broken addresses.
        """
        return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a reset mail: never built from the Host header, which whoever asks can choose."""
        uid, token = key.split("-", 1)
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": quote(token)})
        return str(settings.SITE_URL) + path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        super().send_mail(template_prefix, email, context | {"site": settings.SITE_URL})
