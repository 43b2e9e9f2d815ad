"""Who may do what, written by hand: the policy is measured against it, never the other way round."""

from __future__ import annotations

SUBJECTS = ("anonymous", "bruno", "vera", "teo", "idris", "yuki", "leader", "admin", "maren")
ANYBODY = set(SUBJECTS)
SIGNED_IN = ANYBODY - {"anonymous", "bruno"}
ADMINS = {"admin", "maren"}
LEADERS = {"leader", "maren"}
BOTH = ADMINS | LEADERS
LEADS = {"idris", "yuki"}

# What each may do to an object of Marketing, which idris leads and teo is in. yuki leads another team.
EXPECTED: dict[str, set[str]] = {
    "public": ANYBODY,
    "account.own": SIGNED_IN,
    "channel.own": SIGNED_IN,
    "channel.edit": BOTH | {"idris"},
    "home.view": SIGNED_IN,
    "status.view": SIGNED_IN,
    "north_star.view": SIGNED_IN,
    "north_star.edit": LEADERS,
    "north_star.review": LEADERS,
    "annotation.create": BOTH | LEADS | {"teo"},
    "annotation.view": SIGNED_IN,
    "annotation.change": BOTH,
    "event.send": set(),
    "funnel.view": SIGNED_IN,
    "funnel.edit": BOTH,
    "metric.view": SIGNED_IN,
    "metric.export": SIGNED_IN,
    "metric.define": ADMINS,
    "metric.define_typed": BOTH | {"idris"},
    "metric.type_values": BOTH | {"idris"},
    "metric.pin": ADMINS,
    "source.view": ADMINS,
    "source.edit": ADMINS,
    "source.run": ADMINS,
    "token.manage": ADMINS,
    "observation.push": set(),
    "portfolio.view": SIGNED_IN,
    "gaps.view": SIGNED_IN,
    "team.view": SIGNED_IN,
    "team.create": BOTH,
    "team.edit": BOTH | {"idris"},
    "omtm.view": SIGNED_IN,
    "omtm.create": LEADERS | {"idris"},
    "omtm.approve": LEADERS,
    "omtm.draft": LEADERS | {"idris", "teo"},
    "omtm.propose": LEADERS | {"idris", "teo"},
    "omtm.send_back": LEADERS | {"idris"},
    "omtm.withdraw": LEADERS | {"idris"},
    "candidate.withdraw": LEADERS | {"idris"},
    "omtm.move_goal": LEADERS | {"idris"},
    "omtm.follow": LEADERS | {"idris"},
    "omtm.retire": LEADERS | {"idris"},
    "omtm.review": LEADERS | {"idris"},
    "exception.grant": LEADERS,
    "rituals.edit": BOTH,
    "review.view": SIGNED_IN,
    "review.put_off": LEADERS | {"idris"},
    "review.close_meeting": LEADERS | LEADS,
    "score.give": {"idris", "teo"},
    "score.view": LEADERS | {"idris", "teo"},
    "commitment.answer": {"idris", "teo"},
    "commitment.view": LEADERS | {"idris", "teo"},
    "commitment.reply": LEADERS | {"idris"},
    "limits.set": BOTH | LEADS,
    "weekly.view": SIGNED_IN,
    "weekly.remark": BOTH | LEADS | {"teo"},
    "weekly.freeze": LEADERS,
    "calibration.view": SIGNED_IN,
    "alert.create": SIGNED_IN,
    "alert.own": {"teo"},
    "alert.share": BOTH | {"idris"},
    "omtm.check_in": LEADERS | {"idris", "teo"},
    "people.view": ADMINS,
    "people.edit": ADMINS,
    "settings.edit": ADMINS,
    "screen.manage": ADMINS,
    "audit.view": ADMINS,
}
# Where the address alone does not say it.
EXPECTED_AT: dict[tuple[str, str], set[str]] = {
    ("metric-new", "GET"): BOTH | LEADS,
    ("metric-new", "POST"): BOTH | LEADS,
    ("metric-signals", "POST"): BOTH | LEADS,
    ("omtm-midpoint", "POST"): LEADERS | {"idris"},
    ("north-star-review", "POST"): LEADERS,
    ("north-star-choice", "POST"): LEADERS,
    ("review-run-omtm", "POST"): LEADERS | {"idris"},
    ("review-minutes", "GET"): LEADERS | {"idris"},
    ("trial", "GET"): {"maren"},
    ("reminder-seen", "POST"): {"teo"},
    ("setup", "GET"): set(),
    ("setup", "POST"): set(),
}
FOREIGN = {name: SIGNED_IN if action == "account.own" else ANYBODY for name, action in {
    "account_login": "public", "account_logout": "public", "account_signup": "public",
    "account_inactive": "public", "account_reset_password": "public",
    "account_reset_password_done": "public", "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public", "account_change_password": "account.own",
    "account_set_password": "account.own", "account_reauthenticate": "account.own",
}.items()}  # fmt: skip
