"""The pages of the guided choice: back and forth without losing a word, 422 for what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics import checklist
from metrics.models import Metric, NorthStar, StarChoice
from tests.metrics.stars import FIRST, WEEKS

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST, GALLERY = "/north-star/choice/", "/north-star/gallery/"


@pytest.fixture
def leader(client: Client, maren: Any) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


def as_person(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def step(choice: StarChoice, name: str) -> str:
    return reverse("north-star-choice-step", args=[choice.pk, name])


def send(client: Client, choice: StarChoice, name: str, **answers: Any) -> Any:
    """Fill in a step as the browser would: with the stamp of the page."""
    page = client.get(step(choice, name))
    return client.post(step(choice, name), {"seen": page.context["seen"], "go": "next"} | answers)


def test_everybody_may_look_at_the_examples_and_leaders_take_one(leader: Client, vera: Any) -> None:
    page = as_person(vera).get(GALLERY).content.decode()
    assert "Teams working together each week" in page and "Take it as a candidate" not in page

    answer = leader.post(LIST, {"example": "collaboration"})
    choice = StarChoice.objects.get()
    assert answer.url == step(choice, "candidates")
    assert "Teams in which three or more people worked" in leader.get(answer.url).content.decode()


def test_others_read_along_and_change_nothing(leader: Client, vera: Any) -> None:
    leader.post(LIST, {"example": "game"})
    choice, reader = StarChoice.objects.get(), as_person(vera)

    assert reader.get(step(choice, "value")).status_code == 403
    assert reader.post(LIST, {}).status_code == 403
    page = reader.get(reverse("north-star-choice-story", args=[choice.pk])).content.decode()
    assert "Players who return for a second day" in page and "Go on" not in page


def test_from_the_first_sentence_to_the_star(
    leader: Client, maren: Any, make_metric: Make, make_weeks: Make, vera: Any
) -> None:
    crews: Metric = make_metric("Weekly active crews", kind="unique", unit="crews", role="output")
    make_weeks(crews, FIRST, WEEKS)
    share: Metric = make_metric("Corrected by hand", kind="ratio", unit="%", direction="down")
    leader.post(LIST, {})
    choice = StarChoice.objects.get()

    assert send(leader, choice, "value", customer="a crew", gains="plans its week with us").url == step(
        choice, "behaviour"
    )
    send(leader, choice, "behaviour", stayers="They plan on Mondays.\r\nEvery week.")
    names = ("Active crews", "Jobs done", "Accounts")
    rows = {f"c{n}_name": name for n, name in enumerate(names)}
    rows |= {f"c{n}_definition": f"{name} in a week." for n, name in enumerate(names)}
    send(leader, choice, "candidates", c0_metric=crews.pk, **rows)
    answers = {f"c0_{question.name}": "2" for question in checklist.QUESTIONS}
    send(leader, choice, "checklist", chosen="0", c0_value_note="Renewals follow it.", **answers)
    assert "It has 30 complete weeks" in leader.get(step(choice, "measurement")).content.decode()
    guard = {"g0_metric": share.pk, "g0_side": "at_most", "g0_limit": "6%", "g1_side": "at_most"}
    send(leader, choice, "strategy", link_to_strategy="Be the plan.", how_it_could_be_gamed="Split.",
         g2_side="at_most", **guard)  # fmt: skip
    assert 'value="6"' in leader.get(step(choice, "strategy")).content.decode()
    done = send(leader, choice, "begin", go="begin", owner=maren.pk, review_every_months="6")

    assert done.url == reverse("north-star-targets")
    star = NorthStar.objects.get(state="active")
    assert (star.name, star.owner, str(star.guardrails.get().limit.normalize())) == (
        "Active crews",
        maren,
        "0.06",
    )
    story = as_person(vera).get(reverse("north-star-choice-story", args=[choice.pk])).content.decode()
    assert "How Active crews was chosen" in story and "Renewals follow it." in story and "at most 6" in story
    assert leader.get(step(choice, "value")).url == reverse("north-star-choice-story", args=[choice.pk])


def test_what_stands_in_the_way_comes_back_with_422_and_every_answer(leader: Client, maren: Any) -> None:
    leader.post(LIST, {"example": "news"})
    choice = StarChoice.objects.get()

    answer = send(leader, choice, "begin", go="begin", owner=maren.pk, review_every_months="4")
    page = answer.content.decode()
    assert answer.status_code == 422 and "Choose which of the candidates it is." in page
    assert f'<option value="{maren.pk}" selected>' in page and not NorthStar.objects.exists()


def test_the_later_of_two_editors_is_told_and_keeps_the_words(leader: Client, maren: Any) -> None:
    leader.post(LIST, {})
    choice = StarChoice.objects.get()
    seen = leader.get(step(choice, "value")).context["seen"]
    leader.post(step(choice, "value"), {"seen": seen, "customer": "a crew", "gains": "plans"})

    late = leader.post(step(choice, "value"), {"seen": seen, "customer": "a firm", "gains": "saves"})
    page = late.content.decode()
    assert late.status_code == 422 and "changed this step a moment ago" in page and 'value="a firm"' in page
    again = {"seen": late.context["seen"], "customer": "a firm", "gains": "saves", "go": "leave"}
    assert leader.post(step(choice, "value"), again).url == LIST
    choice.refresh_from_db()
    assert choice.answers["customer"] == "a firm"


@pytest.mark.parametrize(
    ("name", "answers", "sentence"),
    [
        ("candidates", {"c0_definition": "Nameless."}, "Give this candidate a name, or empty the row."),
        ("candidates", {"c0_name": "A", "c1_name": "A"}, "Another candidate has this name."),
        ("value", {"customer": "x" * 121}, "at most 120 characters"),
        ("value", {"customer": "a\x00b"}, "Null characters"),
        ("begin", {"review_every_months": "99"}, "less than or equal to 12"),
        ("begin", {"next_review_on": "9999-01-01"}, "Check the year"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named_and_nothing_kept(
    leader: Client, name: str, answers: dict[str, str], sentence: str
) -> None:
    leader.post(LIST, {})
    choice = StarChoice.objects.get()
    answer = send(leader, choice, name, **answers)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    choice.refresh_from_db()
    assert choice.candidates == [] and choice.answers == {}


def test_a_limit_that_is_no_number_is_named(leader: Client, make_metric: Make) -> None:
    leader.post(LIST, {})
    metric, sides = make_metric("Contacts"), {f"g{n}_side": "at_most" for n in range(3)}
    answer = send(leader, StarChoice.objects.get(), "strategy", g0_metric=metric.pk, g0_limit="many", **sides)
    assert answer.status_code == 422 and "is not a number" in answer.content.decode()


def test_markup_in_answers_is_shown_not_run(leader: Client) -> None:
    leader.post(LIST, {})
    choice = StarChoice.objects.get()
    send(leader, choice, "value", customer="<script>alert(1)</script>", gains="wins")
    for page in (step(choice, "behaviour"), reverse("north-star-choice-story", args=[choice.pk])):
        assert "<script>alert" not in leader.get(page).content.decode()


def test_an_unknown_step_is_not_found_and_a_choice_can_be_dropped(leader: Client) -> None:
    leader.post(LIST, {})
    choice = StarChoice.objects.get()
    assert leader.get(f"/north-star/choice/{choice.pk}/nowhere/").status_code == 404
    assert leader.post(reverse("north-star-choice-drop", args=[choice.pk])).url == LIST
    assert not StarChoice.objects.exists()
