"""Why somebody is told something, and why some of it cannot be turned off."""

from __future__ import annotations

from northstar.lib.policy import ADMIN, LEADER, Subject
from teams.models import Reminder
from teams.reminders import rules

#: Why a rule cannot be turned off.
ALWAYS = {
    rules.WINDOW_ENDED: (
        "A review that nobody holds teaches nobody anything, so those who hold it are always told. Hold it, "
        "or put it off with a reason."
    ),
    rules.REVIEW_OVERDUE: (
        "Others wait for what the team learnt, so those who hold it are told until it is held. It may be put "
        "off with a reason."
    ),
    rules.REVIEW_ESCALATED: (
        "A team that is stuck cannot ask for help by itself, so leaders are always told. It ends when the "
        "review is held."
    ),
    rules.STALE_DATA: (
        "Everybody decides on numbers that somebody answers for, so that person is always told when "
        "they stop."
    ),
    rules.SOURCE_FAILING: (
        "Everybody decides on numbers that somebody answers for, so that person is always told when a source "
        "fails."
    ),
    rules.CHANNEL_BROKEN: "A chat that fails would else be silent without anybody noticing.",
}


def locked(rule: str) -> str:
    """The sentence that says why this rule is always told; empty where it can be turned off."""
    return ALWAYS.get(rule, "")


def told(reminder: Reminder, subject: Subject) -> str:
    """The sentence under "Why do I get this": the rule in its own words, and what makes it concern them.

    No query where omtm__team, team and north_star were read along.
    """
    rule = rules.RULES.get(reminder.rule)
    asked = f"You asked: “Tell me {rule.words}.” " if rule else ""
    return f"{asked}It concerns you because {_role(reminder, subject)}."


def _role(reminder: Reminder, subject: Subject) -> str:
    if reminder.rule == rules.ALERT:
        return "you made this alert"
    if reminder.rule == rules.CHANNEL_BROKEN:
        return "you connected this chat"
    if reminder.rule == rules.WEEKLY_READY:
        return "you chose the weekly mail"
    team = reminder.omtm.team if reminder.omtm else reminder.team
    if team is not None and team.pk in subject.led_team_ids:
        return f"you lead {team}"
    if team is not None and team.pk in subject.team_ids:
        return f"you are in {team}"
    thing = reminder.omtm or reminder.north_star
    if thing is not None and thing.owner_id == subject.user_id:
        return f"you answer for {thing}"
    if reminder.rule in (rules.STALE_DATA, *rules.OF_SOURCES):
        return "you answer for a source" if ADMIN not in subject.grants else "you run the sources"
    if LEADER in subject.grants:
        return "you lead the company"
    return f"you were in {team}" if team else "you take part in it"
