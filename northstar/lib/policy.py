"""Who may do what: one table, asked by pages, API, templates and tests.

`may` answers "may I?", `which` answers "which ones?", from the same rule. Models that belong to a team
say where it stands in `policy_team_path`, those that somebody made say who in `policy_creator_path`; the
subject is computed once a request by `teams.middleware`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

LEADER, ADMIN = "leader", "admin"
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whoever asks: a person, a push token, a key for events, or nobody."""

    user_id: int | None = None
    grants: frozenset[str] = frozenset()
    team_ids: frozenset[int] = frozenset()
    led_team_ids: frozenset[int] = frozenset()
    push_source_id: int | None = None
    sends_events: bool = False


NOBODY = Subject()


@dataclass(frozen=True, slots=True)
class Rule:
    """Any of these is enough: being anybody, a person, a grant, a role in the object's team, its creator,
    a token."""

    anonymous: bool = False
    everyone: bool = False
    grants: frozenset[str] = frozenset()
    team: str = ""
    creator: bool = False
    push: bool = False
    events: bool = False
    words: str = ""


def _granted(*grants: str, team: str = "", creator: bool = False, words: str = "") -> Rule:
    return Rule(grants=frozenset(grants), team=team, creator=creator, words=words)


PUBLIC = Rule(anonymous=True)
SIGNED_IN = Rule(everyone=True)
ADMINS = _granted(
    ADMIN, words="Only admins can do this. Ask an admin of your company to do it, or to make you one."
)
LEADERS = _granted(LEADER, words="Only leaders can do this.")
LEADS = _granted(LEADER, team="lead", words="Only the lead of this team, or a leader, can do this.")
MEMBERS = _granted(LEADER, team="member", words="Only people of this team, or a leader, can do this.")
THEMSELVES = _granted(
    team="member", words="Only people of this team can do this: each speaks for themselves."
)

ACTIONS: dict[str, Rule] = {
    "public": PUBLIC,
    "account.own": SIGNED_IN,
    "channel.own": SIGNED_IN,
    "channel.edit": _granted(
        LEADER,
        ADMIN,
        team="lead",
        creator=True,
        words="Only whoever reads this chat alone, the lead of its team, leaders and admins can do this.",
    ),
    "home.view": SIGNED_IN,
    "status.view": SIGNED_IN,
    "north_star.view": SIGNED_IN,
    "north_star.edit": LEADERS,
    "north_star.review": LEADERS,
    "annotation.create": _granted(
        LEADER, ADMIN, team="member", words="Only members of a team, leaders and admins can add notes."
    ),
    "annotation.view": SIGNED_IN,
    "annotation.change": _granted(
        LEADER, ADMIN, creator=True, words="Only whoever wrote a note, leaders and admins can change it."
    ),
    "event.send": Rule(events=True),
    "funnel.view": SIGNED_IN,
    "funnel.edit": _granted(LEADER, ADMIN, words="Only leaders and admins can change a funnel."),
    "metric.view": SIGNED_IN,
    "metric.define": ADMINS,
    "metric.define_typed": _granted(
        ADMIN, LEADER, team="lead", words="Only leads, leaders and admins can do this."
    ),
    "metric.type_values": _granted(
        ADMIN, LEADER, team="lead", words="Only leads, leaders and admins can type values."
    ),
    "metric.pin": ADMINS,
    "metric.export": SIGNED_IN,
    "chart.save": SIGNED_IN,
    "source.view": ADMINS,
    "source.edit": ADMINS,
    "source.run": ADMINS,
    "token.manage": ADMINS,
    "observation.push": Rule(push=True),
    "portfolio.view": SIGNED_IN,
    "gaps.view": SIGNED_IN,
    "team.view": SIGNED_IN,
    "team.create": _granted(LEADER, ADMIN, words="Only leaders and admins can create teams."),
    "team.edit": _granted(
        LEADER, ADMIN, team="lead", words="Only the lead of this team, leaders and admins can do this."
    ),
    "limits.set": _granted(
        LEADER, ADMIN, team="lead", words="Only leads, leaders and admins can set new limits."
    ),
    "weekly.view": SIGNED_IN,
    "weekly.remark": _granted(
        LEADER, ADMIN, team="member", words="Only members of a team, leaders and admins can remark."
    ),
    "weekly.freeze": LEADERS,
    "calibration.view": SIGNED_IN,
    "alert.create": SIGNED_IN,
    "alert.own": Rule(creator=True, words="Only whoever made an alert sees and changes it."),
    "omtm.view": SIGNED_IN,
    "omtm.create": LEADS,
    "omtm.approve": LEADERS,
    "omtm.draft": MEMBERS,
    "omtm.propose": MEMBERS,
    "omtm.send_back": LEADS,
    "omtm.withdraw": LEADS,
    "candidate.withdraw": _granted(
        LEADER,
        team="lead",
        creator=True,
        words="Only whoever had this idea, the lead of the team, or a leader can do this.",
    ),
    "omtm.move_goal": LEADS,
    "omtm.follow": LEADS,
    "omtm.retire": LEADS,
    "omtm.review": LEADS,
    "omtm.check_in": MEMBERS,
    "score.give": THEMSELVES,
    "score.view": MEMBERS,
    "commitment.answer": THEMSELVES,
    "commitment.view": MEMBERS,
    "commitment.reply": LEADS,
    "exception.grant": LEADERS,
    "rituals.edit": _granted(LEADER, ADMIN, words="Only leaders and admins can do this."),
    "review.view": SIGNED_IN,
    "review.put_off": LEADS,
    "review.close_meeting": _granted(
        LEADER, team="lead", words="Only leads and leaders can close a meeting."
    ),
    "feed.own": SIGNED_IN,
    "feed.end": _granted(
        ADMIN, creator=True, words="Only whoever reads this calendar, or an admin, can end it."
    ),
    "share.view": SIGNED_IN,
    "share.create": SIGNED_IN,
    # Where the company's setting keeps it to fewer (northstar/sharing/giving.py).
    "share.create_restricted": _granted(LEADER, ADMIN, words="Only leaders and admins share pages here."),
    "share.renew": Rule(creator=True, words="Only whoever made this link can give it a new address."),
    "share.revoke": _granted(
        ADMIN, creator=True, words="Only whoever made this link, or an admin, can revoke it."
    ),
    "people.view": ADMINS,
    "people.edit": ADMINS,
    "settings.edit": ADMINS,
    "screen.manage": ADMINS,
    "audit.view": ADMINS,
}

# Routes of other packages, which carry no decorator of ours.
FOREIGN_ROUTES: dict[str, str] = {
    "account_login": "public",
    "account_logout": "public",
    "account_signup": "public",
    "account_inactive": "public",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
    "account_change_password": "account.own",
    "account_set_password": "account.own",
    "account_reauthenticate": "account.own",
}


def may(subject: Subject, action: str, obj: Model | None = None) -> bool:
    """True if the subject may do it: to this object, or without one, to at least some."""
    rule = ACTIONS[action]
    if rule.anonymous:
        return True
    if rule.push:
        return subject.push_source_id is not None and _push_matches(subject, obj)
    if rule.events:
        return subject.sends_events
    if subject.user_id is None:
        return False
    if rule.everyone or rule.grants & subject.grants:
        return True
    if rule.creator and (obj is None or _at(obj, "policy_creator_path") == subject.user_id):
        return True
    teams = _teams(subject, rule)
    if obj is None or not hasattr(obj, "policy_team_path"):
        return bool(teams)
    return _at(obj, "policy_team_path") in teams


def which(subject: Subject, action: str, queryset: QuerySet[M]) -> QuerySet[M]:
    """The objects of the queryset to which the subject may do it."""
    rule = ACTIONS[action]
    if rule.anonymous or (subject.user_id is not None and (rule.everyone or rule.grants & subject.grants)):
        return queryset
    if rule.push and subject.push_source_id is not None:
        return queryset.filter(source_id=subject.push_source_id)
    if rule.events:
        return queryset if subject.sends_events else queryset.none()
    if subject.user_id is None:
        return queryset.none()
    made = _made_by(subject, rule, queryset.model)
    teams = _teams(subject, rule)
    path = getattr(queryset.model, "policy_team_path", None)
    if not teams:
        return queryset.filter(made) if made else queryset.none()
    return queryset.filter(Q((f"{path}__in", teams)) | made) if path else queryset


def why_not(action: str) -> str:
    """The sentence for whoever may not."""
    return ACTIONS[action].words or "Your account cannot do this."


def requires(action: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view that needs this action; without an account it leads to the sign-in page."""
    if action not in ACTIONS:
        raise KeyError(f"{action} is not in the policy table")

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            subject = subject_of(request)
            if not may(subject, action):
                if subject.user_id is None:
                    return redirect_to_login(request.get_full_path())
                raise PermissionDenied(why_not(action))
            return view(request, *args, **kwargs)

        guarded.policy_action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def find(request: HttpRequest, action: str, queryset: QuerySet[M], **lookup: Any) -> M:
    """The object, if it exists (else 404) and the subject may do this to it (else 403)."""
    found = get_object_or_404(queryset, **lookup)
    demand(request, action, found)
    return found


def demand(request: HttpRequest, action: str, obj: Model | None = None) -> None:
    """Raise PermissionDenied with the reason unless the subject may."""
    if not may(subject_of(request), action, obj):
        raise PermissionDenied(why_not(action))


def subject_of(request: HttpRequest) -> Subject:
    return getattr(request, "subject", NOBODY)


def _teams(subject: Subject, rule: Rule) -> frozenset[int]:
    return {"lead": subject.led_team_ids, "member": subject.team_ids}.get(rule.team, frozenset())


def _made_by(subject: Subject, rule: Rule, model: type[Model]) -> Q:
    path = getattr(model, "policy_creator_path", None)
    return Q((path, subject.user_id)) if rule.creator and path else Q()


def _at(obj: Model, path: str) -> int | None:
    """The id to which the path of this name leads from an object; None where it leads nowhere."""
    found: Any = obj
    for step in getattr(obj, path, "").split("__"):
        found = getattr(found, step, None) if step else None
    return None if found is None else int(found)


def _push_matches(subject: Subject, obj: Model | None) -> bool:
    return obj is None or getattr(obj, "source_id", None) == subject.push_source_id
