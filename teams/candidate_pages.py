"""What the pages of candidates show: the ranked list of a team, and one of them with all that is known."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metrics import formatting, telling
from metrics.aiming import SteeringError, metric_of
from metrics.models import ChartDocument, Company, NorthStar
from northstar.lib import periods
from northstar.lib.policy import Subject, may
from teams import charting, checking, commitment_pages, funnel_pages, precedents, ranking, score_pages
from teams.commitment_pages import Glance
from teams.findings import Weighed
from teams.forms.candidates import ScoreForm
from teams.idea import idea_of
from teams.models import Omtm, Team
from teams.models.omtm import CANDIDATE
from teams.omtm_pages import outcome_of, span_words
from teams.precedents import Precedent
from teams.ranking import Ranked, Ranking


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; `glance` is None for whoever may not see commitments."""

    ranked: Ranked
    goal: str
    score: str
    medians: str
    talk: str
    age: str
    tried: int
    glance: Glance | None

    @property
    def omtm(self) -> Omtm:
        return self.ranked.omtm


def listing(
    team: Team, *, subject: Subject, company: Company, now: datetime, most: int | None = None
) -> dict[str, Any]:
    """The candidates of a team in their order, in a fixed number of queries; `most` for a short list."""
    ranked = ranking.rank(team, company=company, now=now)
    omtms = [row.omtm for row in ranked.rows]
    before = precedents.of_each(omtms)
    glances = commitment_pages.glances(omtms, subject=subject)
    today = periods.local_day(now, company.zone)
    rows = [
        _row(each, len(before[each.omtm.pk]), glances.get(each.omtm.pk), company, today)
        for each in ranked.rows
    ]
    return {
        "rows": rows[:most],
        "more": max(0, len(rows) - len(rows[:most])),
        "ranking": ranked,
        "bottleneck": "" if rows or most else bottleneck_words(),
        "can_draft": may(subject, "omtm.draft", team),
        "can_choose": may(subject, "omtm.create", team),
        "sees_concerns": may(subject, "commitment.view", team),
    }


def detail(
    omtm: Omtm, *, subject: Subject, company: Company, now: datetime, form: ScoreForm | None = None
) -> dict[str, Any]:
    """The page of one candidate; weighed anew, because nothing is frozen before it is committed."""
    today = periods.local_day(now, company.zone)
    ranked = ranking.rank(omtm.team, company=company, now=now)
    row, weighed = ranked.row(omtm), _weighed(omtm, today=today, now=now)
    star = NorthStar.current()
    return {
        "omtm": omtm,
        "team": omtm.team,
        "today": today,
        "open": omtm.state in CANDIDATE,
        "goal": goal_words(omtm),
        "stands": _stands(omtm, weighed),
        "row": row,
        "place": _place(row, ranked),
        "ranking": ranked,
        "effect": ranking.effect_words(omtm, _measured(star)),
        "reach": f"{formatting.show(omtm.reach)} {omtm.reach_unit}".strip(),
        "drawing": _drawing(omtm, weighed, today),
        # What was tried has a card of its own here.
        "checks": [each for each in weighed.checks if not each.sentence.startswith("Tried before")]
        if weighed
        else [],
        "guardrails": [
            (each.metric, charting.limit_words(each.metric, each.side, each.limit))
            for each in omtm.guardrails.select_related("metric").order_by("id")
        ],
        "tried": [tried(each) for each in precedents.of(omtm)],
        "scores": score_pages.panel(omtm, row, subject=subject, company=company, now=now, form=form),
        "age": age_words(omtm, today, company),
        "can_edit": may(subject, "omtm.draft", omtm),
        "can_propose": may(subject, "omtm.propose", omtm),
        "can_choose": may(subject, "omtm.create", omtm),
        "can_approve": may(subject, "omtm.approve", omtm),
        "can_send_back": may(subject, "omtm.send_back", omtm),
        "can_withdraw": may(subject, "candidate.withdraw", omtm),
    }


def bottleneck_words() -> str:
    """What the first funnel says: "Activation is the bottleneck"; empty where there is no funnel."""
    for funnel in funnel_pages.listed()[:1]:
        document = funnel_pages.document_of(funnel)
        windows = document.facts.get("windows", {}) if document else {}
        return str(windows.get(str(funnel.weeks_read), {}).get("headline", ""))
    return ""


def goal_words(omtm: Omtm) -> str:
    """What it aims for: "16.0 jobs", "between 0 and 2 s"; empty as long as nobody said it."""
    metric = omtm.metric
    if metric is not None and metric.direction == "range":
        low, high = (None if value is None else float(value) for value in (omtm.low, omtm.high))
        shown = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
        return "" if low is None and high is None else charting.range_words(low, high, **shown)
    if omtm.target is None:
        return ""
    return telling.show(omtm.target, metric) if metric else f"{omtm.target.normalize():f}"


def tried(each: Precedent) -> dict[str, Any]:
    """A precedent as a line: its outcome, when, what it has in common, its lesson."""
    return {"omtm": each.omtm, "alike": each.alike, "span": span_words(each.omtm), **outcome_of(each.omtm)}


def age_words(omtm: Omtm, today: date, company: Company) -> str:
    """ "today", "1 day", "9 days"."""
    days = max(0, (today - periods.local_day(omtm.created_at, company.zone)).days)
    return "today" if days == 0 else f"{days} day{'' if days == 1 else 's'}"


def _row(each: Ranked, before: int, glance: Glance | None, company: Company, today: date) -> Row:
    standing = each.standing
    return Row(
        ranked=each,
        goal=goal_words(each.omtm),
        score=score_pages.score_words(standing),
        medians=score_pages.medians_words(standing),
        talk=score_pages.talk_words(standing),
        age=age_words(each.omtm, today, company),
        tried=before,
        glance=glance,
    )


def _place(row: Ranked | None, ranked: Ranking) -> str:
    """ "1 of 3"; empty where it is not ranked."""
    return f"{row.place} of {len(ranked.rows)}" if row and row.place and len(ranked.rows) > 1 else ""


def _weighed(omtm: Omtm, *, today: date, now: datetime) -> Weighed | None:
    if omtm.state not in CANDIDATE or not goal_words(omtm):
        return None
    bet = idea_of(omtm).bet(omtm.team)
    return checking.weigh(bet, today=today, now=now) if bet else None


def _stands(omtm: Omtm, weighed: Weighed | None) -> str:
    if weighed is None or omtm.metric is None or weighed.baseline is None:
        return ""
    return telling.show(weighed.baseline, omtm.metric)


def drawing(omtm: Omtm, *, today: date, now: datetime) -> ChartDocument | None:
    """The chart of its page, drawn anew; None while there is too little to weigh."""
    return _drawing(omtm, _weighed(omtm, today=today, now=now), today)


def _drawing(omtm: Omtm, weighed: Weighed | None, today: date) -> ChartDocument | None:
    """Baseline, plan and target as they would stand if it began as it is."""
    from metrics.charts import sketch
    from metrics.charts.table import data_table

    if weighed is None or not weighed.points:
        return None
    shown = copy(omtm)
    shown.baseline, shown.outcome_weeks = weighed.baseline, weighed.outcome_weeks
    spec = charting.spec_of(shown, weighed.points, today=today)
    wide, narrow = (
        sketch.line(spec, width=width, height=height, today=today)
        for width, height in ((760, 320), (360, 270))
    )
    columns, rows = data_table(spec)
    facts = {"sentence": charting.goal_sentence(shown, today), "columns": columns, "table": rows}
    sketches = {"preview": wide, "preview-narrow": narrow}
    return ChartDocument(key=f"candidate:{omtm.pk}", sketches=sketches, facts=facts, drawn_on=today)


def _measured(star: NorthStar | None) -> Any:
    try:
        return metric_of(star) if star else None
    except SteeringError:
        return None
