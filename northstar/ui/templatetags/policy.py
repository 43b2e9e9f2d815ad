"""{% load policy %}{% may "omtm.create" team as can_create %}: templates ask the one table."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model

from northstar.lib import policy

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], action: str, obj: Model | None = None) -> bool:
    """Whether whoever looks at the page may do this, to this object if one is given."""
    return policy.may(policy.subject_of(context["request"]), action, obj)
