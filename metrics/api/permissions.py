"""The API asks the same policy table as the pages."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from metrics.models import EventToken
from northstar.lib import policy


class PolicyPermission(BasePermission):
    """Views name their action in `policy_action`; one without is closed to all."""

    message = "This key may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        action = getattr(view, "policy_action", None)
        return action is not None and policy.may(subject_of(request), action)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return policy.may(subject_of(request), view.policy_action, obj)


def subject_of(request: Request) -> policy.Subject:
    """The key as a subject, or nobody."""
    if isinstance(request.auth, EventToken):
        return policy.Subject(sends_events=True)
    return policy.Subject(push_source_id=request.auth.source_id) if request.auth else policy.NOBODY
