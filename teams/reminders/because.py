"""Why somebody is told something, and why some of it cannot be turned off."""

from __future__ import annotations

from teams.reminders import rules

_REVIEW = (
    "A review that nobody holds teaches nobody anything, so those who hold it are always told. Hold it, or "
    "put it off with a reason."
)
#: Why a rule cannot be turned off.
ALWAYS = {
    rules.WINDOW_ENDED: _REVIEW,
    rules.REVIEW_OVERDUE: _REVIEW,
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
    return ALWAYS[rule] if rules.RULES[rule].always else ""
