"""Who is told: active people by what they are in teams and in the company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from teams.models import Grant, Membership, User
from teams.reminders import addressing, asking, rules
from teams.reminders.wanting import Wanted


@dataclass(frozen=True, slots=True)
class Audience:
    """Leads and members by team, leaders of the company; nobody who has left.

    `check_in_days` is for how long a check-in is enough.
    """

    leads: dict[int, list[User]]
    members: dict[int, list[User]]
    leaders: list[User]
    check_in_days: int

    @classmethod
    def of_today(cls, check_in_days: int) -> Audience:
        """Two queries, whatever the number of teams."""
        leads: dict[int, list[User]] = {}
        members: dict[int, list[User]] = {}
        rows = (
            Membership.objects.filter(user__is_active=True)
            .select_related(f"user__{addressing.WANTED}")
            .order_by("id")
        )
        for row in rows:
            members.setdefault(row.team_id, []).append(row.user)
            if row.role == "lead":
                leads.setdefault(row.team_id, []).append(row.user)
        granted = Grant.objects.filter(name="leader", user__is_active=True).select_related(
            f"user__{addressing.WANTED}"
        )
        return cls(leads, members, [row.user for row in granted.order_by("id")], check_in_days)

    def people(self, wanted: Wanted) -> list[User]:
        """Who is told, each once. Where a team has no lead it is the owner, and without one the leaders."""
        found: dict[int, User] = {}
        for name in wanted.due.to:
            found |= {user.pk: user for user in self._called(name, wanted)}
        found |= {user.pk: user for user in wanted.people if user.is_active}
        without = {user.pk for user in wanted.but}
        return [user for pk, user in found.items() if pk not in without]

    def _called(self, name: str, wanted: Wanted) -> list[User]:
        thing = wanted.omtm or wanted.star
        owner = [thing.owner] if thing and thing.owner and thing.owner.is_active else []
        team = wanted.of_team
        if name == rules.LEADERS:
            return self.leaders
        if name == rules.OWNER or team is None:
            return owner or self.leaders
        leads, people = self.leads.get(team.pk, []), self.members.get(team.pk, [])
        if name == rules.PEOPLE and wanted.omtm is not None:
            since = wanted.due.day - timedelta(days=self.check_in_days)
            return asking.silent(wanted.omtm, leads + people, since=since)
        leads = leads or owner or self.leaders
        return leads if name == rules.LEAD else leads + people
