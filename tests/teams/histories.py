"""Random histories of OMTMs by random people under a moving calendar, held against the rules of domain 3.1.

What may be done is written here by hand, state by state and role by role, and never asked of the product.
Each history runs in a savepoint of its own on the test's database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from metrics.models import AuditRow, Company, Metric
from northstar.lib import policy
from northstar.lib.windows import window_end
from teams import change_pages, drafting, evaluating, excepting, goal_posts, lifecycle, retiring, succeeding
from teams.middleware import subject_for
from teams.models import ExceptionGrant, GoalChange, HealthSnapshot, Omtm, Team, User
from teams.refusing import LifecycleError
from tests.teams.ideas import idea

BEGIN = date(2026, 11, 18)
CANDIDATE, RUNNING = {"draft", "proposed"}, {"active", "in_review"}
#: Verb → the states from which it is allowed, and those to which it may lead.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "propose": ({"draft"}, {"proposed"}),
    "commit": (CANDIDATE, {"committed", "active", "proposed"}),
    "approve": ({"proposed"}, {"committed", "active"}),
    "send_back": ({"proposed", "committed"}, {"draft"}),
    "withdraw": (CANDIDATE | {"committed"}, {"withdrawn"}),
    "edit": (CANDIDATE, CANDIDATE),
    "open_review": ({"active"}, {"in_review"}),
    "extend": (RUNNING, {"active"}),
    "retarget": ({"active"}, {"active"}),
    "retire": (RUNNING, {"retired"}),
    "renew": ({"retired"}, {"retired"}),
    "replace": ({"retired"}, {"retired"}),
}
#: Verb → its action of the policy, and who may do it for Marketing. Platform has yuki in place of idris.
LEADER, LEAD, MEMBER = {"maren"}, {"maren", "idris"}, {"maren", "idris", "teo"}
MAY: dict[str, tuple[str, set[str]]] = {
    "draft": ("omtm.draft", MEMBER),
    "propose": ("omtm.propose", MEMBER),
    "edit": ("omtm.draft", MEMBER),
    "commit": ("omtm.create", LEAD),
    "approve": ("omtm.approve", LEADER),
    "send_back": ("omtm.send_back", LEAD),
    "open_review": ("omtm.review", LEAD),
    "extend": ("omtm.move_goal", LEAD),
    "retarget": ("omtm.move_goal", LEAD),
    "retire": ("omtm.retire", LEAD),
    "renew": ("omtm.follow", LEAD),
    "replace": ("omtm.follow", LEAD),
    "grant": ("exception.grant", LEADER),
    "revoke": ("exception.grant", LEADER),
}
#: Those who may do much come often, so that something happens.
PEOPLE = ("maren", "idris", "maren", "idris", "teo", "yuki", "vera")
who, which, sides = (
    st.sampled_from(PEOPLE),
    st.integers(0, 30),
    st.sampled_from(("marketing", "marketing", "platform")),
)


@dataclass
class World:
    """What every history begins with."""

    people: dict[str, User]
    teams: dict[str, Team]
    metric: Metric


class Lives(RuleBasedStateMachine):
    """`world` is set by the test; `done` and `refused` count over all histories what came of the verbs."""

    world: ClassVar[World]
    done: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()

    @initialize(
        opening=st.sampled_from(("nothing", "a proposal", "one that waits", "a running one", "a retired one"))
    )
    def begin(self, opening: str) -> None:
        self.today = BEGIN
        self.read, self.told = 0, dict[int, str]()
        self.ledger, self.frozen = dict[int, Any](), dict[int, Any]()
        self.clock = time_machine.travel(self._noon(), tick=False)
        self.traveller = self.clock.start()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.health = list(HealthSnapshot.objects.order_by("id").values())
        self._open(opening)

    def teardown(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        try:
            self._demand_records()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)
            self.clock.stop()

    @rule(days=st.sampled_from((1, 3, 7, 14, 30, 45)))
    def pass_days(self, days: int) -> None:
        """The worker may have slept through them: nobody but a verb has looked since."""
        self.today += timedelta(days=days)
        self.traveller.move_to(self._noon())

    @rule()
    def wake_the_worker(self) -> None:
        before = self._states()
        lifecycle.advance(self.today)
        self._demand_calendar(before)

    @rule(on=st.sampled_from((True, True, False)))
    def ask_for_two_keys(self, on: bool) -> None:
        Company.objects.update(two_key_commit=on)

    @rule(actor=who, side=sides, words=st.booleans())
    def draft(self, actor: str, side: str, words: bool) -> None:
        thought = idea(None, metric_idea="In words") if words else self._idea(0, 3)
        team = self.world.teams[side]
        self._deed("draft", actor, team, lambda told: drafting.draft(team, thought, **told))

    @rule(actor=who, n=which)
    def propose(self, actor: str, n: int) -> None:
        self._to("propose", actor, n, lambda omtm, told: drafting.propose(omtm, **told))

    @rule(actor=who, n=which, aim=st.sampled_from(("560", "600", "300")))
    def edit(self, actor: str, n: int, aim: str) -> None:
        thought = self._idea(0, 3, target=Decimal(aim))
        self._to("edit", actor, n, lambda omtm, told: drafting.edit(omtm, thought, **told))

    @rule(actor=who, side=sides, offset=st.sampled_from((0, 5, -2, 40, -15)), months=st.integers(2, 6))
    def start_from_nothing(self, actor: str, side: str, offset: int, months: int) -> None:
        team, thought = self.world.teams[side], self._idea(offset, months)
        self._deed("commit", actor, team, lambda told: lifecycle.start_omtm(team, thought, **told))

    @rule(actor=who, n=which, offset=st.sampled_from((0, 5, 40)), months=st.integers(2, 6))
    def start_a_candidate(self, actor: str, n: int, offset: int, months: int) -> None:
        thought = self._idea(offset, months)

        def commit(omtm: Omtm, told: dict[str, Any]) -> Any:
            return lifecycle.start_omtm(
                omtm.team, thought, candidate=omtm, choice_reason="It is nearer.", **told
            )

        self._to("commit", actor, n, commit)

    @rule(actor=who, n=which)
    def approve(self, actor: str, n: int) -> None:
        self._to("approve", actor, n, lambda omtm, told: lifecycle.approve(omtm, **told))

    @rule(actor=who, n=which)
    def send_back(self, actor: str, n: int) -> None:
        self._to("send_back", actor, n, lambda omtm, told: drafting.send_back(omtm, reason="r", **told))

    @rule(actor=who, n=which)
    def withdraw(self, actor: str, n: int) -> None:
        self._to("withdraw", actor, n, lambda omtm, told: lifecycle.withdraw(omtm, reason="r", **told))

    @rule(actor=who, n=which)
    def open_review(self, actor: str, n: int) -> None:
        self._to("open_review", actor, n, lambda omtm, told: lifecycle.open_review(omtm, reason="r", **told))

    @rule(actor=who, n=which, days=st.sampled_from((0, 5, 30, 200)))
    def extend(self, actor: str, n: int, days: int) -> None:
        def longer(omtm: Omtm, told: dict[str, Any]) -> Any:
            end = omtm.end + timedelta(days=days)
            return goal_posts.extend(omtm, end=end, reason="r", **told)

        self._to("extend", actor, n, longer)

    @rule(actor=who, n=which, aim=st.sampled_from(("520", "580", "300")), correction=st.booleans())
    def retarget(self, actor: str, n: int, aim: str, correction: bool) -> None:
        said = {"target": Decimal(aim), "correction": correction, "reason": "r"}
        self._to("retarget", actor, n, lambda omtm, told: goal_posts.retarget(omtm, **said, **told))

    @rule(actor=who, n=which, stop=st.sampled_from(("", "target_early", "market_change")))
    def retire(self, actor: str, n: int, stop: str) -> None:
        said = {"lesson": "l", "reason": "r", "stop_reason": stop}
        self._to("retire", actor, n, lambda omtm, told: retiring.retire(omtm, **said, **told))

    @rule(actor=who, n=which, how=st.sampled_from(("renew", "replace")))
    def follow(self, actor: str, n: int, how: str) -> None:
        verb = {"renew": succeeding.renew, "replace": succeeding.replace}[how]
        self._to(how, actor, n, lambda omtm, told: verb(omtm, **told))

    @rule(actor=who, side=sides, days=st.sampled_from((20, 100, 200)))
    def grant(self, actor: str, side: str, days: int) -> None:
        team, until = self.world.teams[side], self.today + timedelta(days=days)
        self._deed("grant", actor, team, lambda told: excepting.grant(team, reason="r", until=until, **told))

    @rule(actor=who)
    def revoke(self, actor: str) -> None:
        given = ExceptionGrant.objects.filter(revoked_at=None).order_by("id").last()
        if given is not None:
            self._deed("revoke", actor, given, lambda told: excepting.revoke(given, actor=told["actor"]))

    @invariant()
    def a_team_pushes_one_metric_and_a_second_one_only_by_exception(self) -> None:
        open_windows = Omtm.objects.filter(state__in=RUNNING, end__gte=self.today)
        busy: dict[int, list[int | None]] = {}
        for team, exception in open_windows.values_list("team_id", "exception_id"):
            busy.setdefault(team, []).append(exception)
        for exceptions in busy.values():
            assert len(exceptions) <= 2, busy
            assert len(exceptions) < 2 or any(exceptions), busy

    @invariant()
    def the_audit_tells_the_whole_story(self) -> None:
        """Replayed row by row it gives the state; a row too few or too many breaks the chain."""
        rows = AuditRow.objects.filter(object_type="teams.omtm", id__gt=self.read).order_by("id")
        for row, action, pk, before, after in rows.values_list(
            "id", "action", "object_id", "before", "after"
        ):
            self.read = row
            if "state" not in after:
                continue
            assert before.get("state") == self.told.get(int(pk)), (action, pk, before, self.told)
            assert before.get("state") != after["state"] or action in STAYING, (action, before)
            self.told[int(pk)] = after["state"]
        assert self.told == self._states()

    @invariant()
    def the_ledger_only_grows(self) -> None:
        now = {row["id"]: row for row in GoalChange.objects.values()}
        for key, was in self.ledger.items():
            assert now.get(key) == was, key
        self.ledger = now

    def _demand_records(self) -> None:
        """At the end of a history the records of all that were retired in it are as they were frozen."""
        for pk, record in self.frozen.items():
            now = Omtm.objects.get(pk=pk)
            assert now.snapshot == record and record["points"] is not None, pk
        health = list(HealthSnapshot.objects.order_by("id").values())
        assert health == self.health

    def _open(self, opening: str) -> None:
        """Where a history begins, so that short ones come far as well."""
        if opening == "nothing":
            return
        team, told = self.world.teams["marketing"], {"actor": self.world.people["idris"], "today": self.today}
        if opening == "a proposal":
            drafting.propose(drafting.draft(team, self._idea(0, 3), **told), **told)
            return
        Company.objects.update(two_key_commit=opening == "one that waits")
        omtm = lifecycle.start_omtm(team, self._idea(0, 3), **told)
        if opening == "a retired one":
            retiring.retire(omtm, lesson="l", reason="r", stop_reason="target_early", **told)
            self.frozen[omtm.pk] = Omtm.objects.get(pk=omtm.pk).snapshot

    def _to(self, verb: str, actor: str, n: int, deed: Callable[[Omtm, dict[str, Any]], Any]) -> None:
        """Do it to one of the OMTMs, held against the tables."""
        rows = list(Omtm.objects.select_related("team", "metric").order_by("id"))
        if not rows:
            return
        omtm = rows[n % len(rows)]
        if self._deed(verb, actor, omtm, lambda told: deed(omtm, told)):
            now = Omtm.objects.get(pk=omtm.pk)
            before = self._by_calendar(omtm)
            allowed, leads_to = ALLOWED[verb]
            assert before & allowed and now.state in leads_to, (verb, omtm.state, now.state)
            if verb == "retire":
                self.frozen[now.pk] = now.snapshot
            self._demand_terms(verb, actor, omtm, now)

    def _deed(self, verb: str, actor: str, obj: Any, deed: Callable[[dict[str, Any]], Any]) -> bool:
        """Whether it was done; who may not by the table is turned away by the policy as well."""
        person, before = self.world.people[actor], self._states()
        action, allowed = self._may(verb, actor, obj)
        may = policy.may(subject_for(person), action, obj)
        assert may == allowed, (verb, actor, obj)
        if not may:
            self.refused["not allowed"] += 1
            return False
        try:
            with transaction.atomic():
                deed({"actor": person, "today": self.today})
        except LifecycleError as no:
            assert str(no).endswith((".", "?")), str(no)
            self.refused[verb] += 1
            self._demand_calendar(before)
            return False
        self.done[verb] += 1
        return True

    def _may(self, verb: str, actor: str, obj: Any) -> tuple[str, bool]:
        """The action, and whether the table lets this person do it to the object."""
        team = obj if isinstance(obj, Team) else obj.team
        if verb == "withdraw":
            own = obj.state in CANDIDATE and obj.created_by == self.world.people[actor]
            return change_pages.withdrawing(obj), own or self._stands(actor, team) in LEAD
        action, allowed = MAY[verb]
        return action, self._stands(actor, team) in allowed

    def _stands(self, actor: str, team: Team) -> str:
        """The person's part, named by who has it in Marketing."""
        if team.slug == "platform":
            return {"yuki": "idris", "idris": "yuki", "teo": "vera"}.get(actor, actor)
        return actor

    def _demand_terms(self, verb: str, actor: str, was: Omtm, now: Omtm) -> None:
        """What a verb may do in a state, over and above that it may be done."""
        keyed = Company.current().two_key_commit and self._stands(actor, was.team) not in LEADER
        if verb == "commit":
            assert (now.state == "proposed") is keyed, (now.state, actor)
        if verb in ("extend", "retarget"):
            assert not keyed
        if verb == "approve":
            assert was.approval_asked_at is not None and now.approved_by == self.world.people[actor]
        if verb == "extend":
            assert was.original_end is None and now.original_end == was.end < now.end
            assert self.today <= now.end <= window_end(now.start, 6)
        if verb == "retarget":
            free = (self.today - was.start).days < ((was.original_end or was.end) - was.start).days / 4
            assert free or GoalChange.objects.latest("id").reason.startswith("Metric corrected")
            assert now.target != was.target and now.target > now.baseline  # type: ignore[operator]
        if verb in ("renew", "replace"):
            assert was.successors.exclude(state="withdrawn").count() == 1

    def _demand_calendar(self, before: dict[int, str]) -> None:
        """Where nothing was done, only the calendar has moved anything."""
        for pk, state in self._states().items():
            was = before.get(pk, state)
            assert state == was or state in _LATER.get(was, ()), (pk, was, state)

    def _by_calendar(self, omtm: Omtm) -> set[str]:
        """The state as it was read, and those to which the calendar may have moved it before the deed."""
        return {omtm.state, *_LATER.get(omtm.state, ())}

    def _idea(self, offset: int, months: int, **changes: Any) -> Any:
        start = self.today + timedelta(days=offset)
        return idea(self.world.metric, start=start, end=window_end(start, months), **changes)

    def _states(self) -> dict[int, str]:
        return dict(Omtm.objects.values_list("pk", "state"))

    def _noon(self) -> datetime:
        return datetime.combine(self.today, time(12), tzinfo=UTC)


STAYING = {"omtm.extended", "omtm.approval_asked"}
_LATER = {"committed": ("active", "in_review"), "active": ("in_review",)}


@pytest.fixture
def lives(
    make_metric: Any, make_weeks: Any, marketing: Team, platform: Team,
    maren: User, idris: User, teo: User, yuki: User, vera: User, monkeypatch: pytest.MonkeyPatch,
) -> type[Lives]:  # fmt: skip
    """About 420 trials a week for years; evaluation stands still, its own tests look at it."""
    metric = make_metric()
    with time_machine.travel(datetime(2030, 1, 7, tzinfo=UTC), tick=False):
        make_weeks(metric, "2026-07-06", [417 + n % 9 for n in range(180)])
    # The one seam: what a verb does after it has committed. Records are frozen by the real code.
    monkeypatch.setattr(evaluating, "evaluate_these", lambda ids, *, now: None)
    people = {"maren": maren, "idris": idris, "teo": teo, "yuki": yuki, "vera": vera}
    Lives.world = World(people, {"marketing": marketing, "platform": platform}, metric)
    Lives.done.clear()
    Lives.refused.clear()
    return Lives


def live(lives: type[Lives], *, histories: int, steps: int, always_the_same: bool = False) -> None:
    """So many histories of at most so many steps; by chance, or the same in every run."""
    chosen = settings(
        max_examples=histories,
        derandomize=always_the_same,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lives, settings=chosen)
