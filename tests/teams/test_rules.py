"""Which reminders fall on which days, by the worked example of the domain and by the calendar."""

from __future__ import annotations

from datetime import date, timedelta

from teams.reminders import rules
from teams.reminders.rules import Due

START, END = date(2026, 9, 1), date(2026, 12, 31)
LONG_AFTER = date(2027, 2, 12)


def on(found: list[Due], rule: str) -> list[date]:
    return [due.occurs_on for due in found if due.rule == rule]


def active(today: date, *, reviewed: bool = False, country: str = "DE") -> list[Due]:
    return rules.of_active(START, END, reviewed=reviewed, today=today, country=country)


def ended(today: date, *, country: str = "DE") -> list[Due]:
    return rules.of_ended(END, today=today, country=country)


def test_the_half_way_review_of_the_worked_example_moves_from_sunday_to_monday() -> None:
    assert on(active(date(2026, 11, 1)), rules.HALF_WAY) == []
    assert on(active(date(2026, 11, 2)), rules.HALF_WAY) == [date(2026, 11, 2)]
    assert active(date(2026, 11, 2))[0].day == date(2026, 11, 1)


def tuesdays(today: date, *, every: int = 7, country: str = "DE") -> list[date]:
    found = rules.of_check_ins(START, END, every=every, today=today, country=country)
    assert {due.rule for due in found} <= {rules.CHECK_IN} and {due.to for due in found} <= {(rules.PEOPLE,)}
    return [due.occurs_on for due in found]


def test_check_ins_are_asked_for_on_tuesdays_from_a_whole_period_after_the_start() -> None:
    assert tuesdays(date(2026, 9, 7)) == []
    assert tuesdays(date(2026, 9, 22)) == [date(2026, 9, 8), date(2026, 9, 15), date(2026, 9, 22)]
    assert tuesdays(date(2026, 9, 28), every=14) == [date(2026, 9, 15)]
    assert tuesdays(date(2026, 9, 29), every=14) == [date(2026, 9, 15), date(2026, 9, 29)]
    asked = {day for offset in range(122) for day in tuesdays(START + timedelta(days=offset))}
    assert {day.weekday() for day in asked} == {1} and len(asked) == 17
    assert max(asked) == date(2026, 12, 29)


def test_a_free_tuesday_asks_on_the_next_working_day_and_none_asks_beside_a_review() -> None:
    found = rules.of_check_ins(
        date(2029, 11, 5), date(2030, 2, 4), every=7, today=date(2030, 1, 10), country="DE"
    )
    days = {due.day: due.occurs_on for due in found}
    assert days[date(2029, 12, 25)] == date(2029, 12, 27), "two days of Christmas"
    assert days[date(2030, 1, 1)] == date(2030, 1, 2)
    end = date(2026, 12, 1)  # two weeks before it is Tuesday, 17 November
    found = rules.of_check_ins(date(2026, 9, 7), end, every=7, today=end, country="DE")
    assert date(2026, 11, 17) not in {due.day for due in found}


def test_a_missed_check_in_is_made_up_for_in_the_first_half_of_its_period_only() -> None:
    due = rules.of_check_ins(START, END, every=7, today=date(2026, 9, 8), country="DE")[0]
    assert rules.last_day_of_asking(due, every=7) == date(2026, 9, 11)
    assert rules.last_day_of_asking(due, every=14) == date(2026, 9, 15)


def test_two_weeks_before_the_end_the_team_and_its_leaders_are_told() -> None:
    assert on(active(date(2026, 12, 16)), rules.TWO_WEEKS_LEFT) == []
    last = active(date(2026, 12, 17))[-1]
    assert (last.rule, last.occurs_on, last.to) == (
        rules.TWO_WEEKS_LEFT,
        date(2026, 12, 17),
        (rules.TEAM, rules.LEADERS),
    )


def test_the_end_of_the_window_is_told_on_the_next_working_day() -> None:
    assert ended(date(2027, 1, 3)) == []
    assert on(ended(date(2027, 1, 4)), rules.WINDOW_ENDED) == [date(2027, 1, 4)]


def test_without_a_country_only_weekends_are_free() -> None:
    assert on(ended(LONG_AFTER, country=""), rules.WINDOW_ENDED) == [date(2027, 1, 1)]


def test_an_overdue_review_goes_to_the_lead_twice_and_to_leaders_until_it_is_held() -> None:
    found = ended(LONG_AFTER)
    assert on(found, rules.REVIEW_OVERDUE) == [date(2027, 1, 14), date(2027, 1, 21)]
    assert on(found, rules.REVIEW_ESCALATED) == [
        date(2027, 1, 21),
        date(2027, 1, 28),
        date(2027, 2, 4),
        date(2027, 2, 11),
    ]


def test_a_held_half_way_review_is_not_asked_for() -> None:
    assert on(active(END, reviewed=True), rules.HALF_WAY) == []


def test_the_north_star_review_is_told_before_on_and_twice_after_its_day() -> None:
    day = date(2026, 12, 10)
    found = rules.of_north_star(day, today=date(2027, 6, 1))
    assert [due.occurs_on for due in found] == [
        date(2026, 11, 26),
        date(2026, 12, 10),
        date(2026, 12, 24),
        date(2027, 1, 7),
    ]
    assert [rules.LEADERS in due.to for due in found] == [False, False, True, True]


def test_what_came_due_never_goes_away_as_days_pass_and_keys_are_unique() -> None:
    before: list[Due] = []
    for days in range(400):
        today = END + timedelta(days=days)
        found = ended(today)
        assert [due for due in found if due in before] == before
        keys = [rules.key(due, "omtm", 7) for due in found]
        assert len(set(keys)) == len(keys)
        before = found


def test_a_key_names_rule_object_and_the_day_of_the_calendar() -> None:
    assert rules.key(active(date(2026, 11, 2))[0], "omtm", 7) == "half_way:omtm:7:2026-11-01"


def test_a_changed_holiday_calendar_changes_no_key() -> None:
    assert {rules.key(due, "omtm", 1) for due in ended(LONG_AFTER, country="DE")} == {
        rules.key(due, "omtm", 1) for due in ended(LONG_AFTER, country="")
    }


def test_the_next_north_star_review_keeps_the_rhythm() -> None:
    assert rules.next_review(date(2026, 12, 10), 6, date(2026, 12, 20)) == date(2027, 6, 10)
    assert rules.next_review(date(2026, 12, 10), 6, date(2026, 11, 30)) == date(2027, 6, 10)


def test_a_review_that_waited_for_a_year_is_next_due_from_today() -> None:
    assert rules.next_review(date(2025, 1, 31), 6, date(2026, 8, 31)) == date(2027, 2, 28)


def test_a_first_review_without_a_day_is_next_due_from_today() -> None:
    assert rules.next_review(None, 3, date(2026, 11, 30)) == date(2027, 2, 28)
