"""Whether mail may go to somebody. Apart from `email`, so that addressing needs no letters."""

from __future__ import annotations

from django.conf import settings

from teams.models import User


def reaches(user: User) -> bool:
    """Whether mail may go there: to the invented people of the demo only into files."""
    return bool(user.email) and not (user.is_demo and settings.EMAIL_CONFIGURED)
