"""The Celery application. Beat holds a handful of static entries; due moments are rows."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "northstar.settings")

app = Celery("northstar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
