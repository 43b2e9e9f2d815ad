"""What waits for teams and people: a focus, a decision, an answer (M13-M15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime

from django.db.models import Max, Q

from metrics import funnelling
from metrics.models import ChartDocument, Funnel
from northstar.lib.localtime import local_day
from teams import committing
from teams.models import Commitment, Membership, Omtm, Team
from teams.reminders import addressing, days, people_words, rules
from teams.reminders.wanting import Scene, Wanted
from teams.reminders.wording import Words

#: A team with one of these has decided what it pushes.
DECIDED = ("committed", "active", "in_review")


def wanted(scene: Scene) -> Iterator[Wanted]:
    """Every occurrence about teams without a focus, ideas without a decision, people without an answer."""
    yield from _idle(scene)
    asked = Omtm.objects.filter(state__in=committing.ASKED, team__archived_at=None)
    omtms = list(
        asked.select_related("team", "metric", f"owner__{addressing.WANTED}").defer("snapshot").order_by("id")
    )
    yield from _waiting(omtms, scene)
    yield from _unanswered(omtms, scene)


def _idle(scene: Scene) -> Iterator[Wanted]:
    """M13. A team that has never had a focus is counted from its beginning."""
    busy = Omtm.objects.filter(state__in=DECIDED).values("team")
    ended = Max("omtms__retired_at", filter=Q(omtms__state="retired"))
    for team in Team.objects.listed().exclude(pk__in=busy).annotate(ended=ended):
        last: datetime | None = team.ended
        since = local_day(last or team.created_at, scene.company.zone)
        for due in days.of_idle_team(since, today=scene.today):
            yield Wanted(
                rules.key(due, "team", team.pk),
                due,
                _idle_words(team, since if last else None),
                team=team,
                group=f"idle:{team.pk}",
            )


def _idle_words(team: Team, since: date | None) -> Callable[[], Words]:
    return lambda: people_words.of_idle_team(team, since=since, suggested=_suggested())


def _suggested() -> str:
    """The stage of the first funnel that holds most back, "" where nobody knows it. Two queries."""
    funnel = Funnel.objects.filter(archived_at=None).order_by("id").first()
    if funnel is None:
        return ""
    rows = ChartDocument.objects.filter(key=funnelling.key_of(funnel))
    windows = rows.values_list("facts__windows", flat=True).first() or {}
    window = windows.get(str(funnel.weeks_read)) or {}
    steps = [*window.get("chain", ()), *window.get("apart", ())]
    return next((str(row["stage"]) for row in steps if row["pk"] == window.get("narrow")), "")


def _waiting(omtms: list[Omtm], scene: Scene) -> Iterator[Wanted]:
    """M14, to whoever decides: the lead, and where the lead has asked for the second key, the leaders."""
    for omtm in omtms:
        asked = omtm.approval_asked_at or omtm.proposed_at
        if omtm.state != "proposed" or asked is None:
            continue
        day = local_day(asked, scene.company.zone)
        due = days.of_candidate(day, of_leaders=omtm.approval_asked_at is not None)
        yield Wanted(
            rules.key(due, "omtm", omtm.pk),
            due,
            _waiting_words(omtm, day, scene),
            omtm=omtm,
        )


def _waiting_words(omtm: Omtm, since: date, scene: Scene) -> Callable[[], Words]:
    waits, leader = (scene.today - since).days, omtm.approval_asked_at is not None
    return lambda: people_words.of_candidate(omtm, waits=waits, for_leader=leader)


def _unanswered(omtms: list[Omtm], scene: Scene) -> Iterator[Wanted]:
    """M15, each person once about each bet: five days after it was proposed, or after they came."""
    members: dict[int, list[Membership]] = defaultdict(list)
    rows = Membership.objects.filter(team__in={omtm.team_id for omtm in omtms}, user__is_active=True)
    for row in rows.select_related(f"user__{addressing.WANTED}").order_by("id"):
        members[row.team_id].append(row)
    said: dict[tuple[int, int], Commitment] = {}
    for answer in Commitment.objects.filter(omtm__in=omtms).order_by("asked_in"):
        said[answer.omtm_id, answer.person_id] = answer
    for omtm in omtms:
        begun = omtm.proposed_at or omtm.committed_at or omtm.created_at
        for member in members[omtm.team_id]:
            answer = said.get((omtm.pk, member.user_id))
            if answer is None or not committing.stands(answer, omtm, member):
                asked = local_day(max(begun, member.since), scene.company.zone)
                yield _missing(omtm, member, asked)


def _missing(omtm: Omtm, member: Membership, asked: date) -> Wanted:
    due = days.of_answer(asked)
    return Wanted(
        f"{due.rule}:omtm:{omtm.pk}:person:{member.user_id}",
        due,
        lambda: people_words.of_answer(omtm),
        omtm=omtm,
        people=(member.user,),
        last_day=due.day + days.ASKED_LATELY,
    )
