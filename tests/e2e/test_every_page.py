"""Every page of the demo company in a real browser: no complaint, accessible, never wider than the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from metrics.models import Annotation, Driver, Metric, NorthStar, Source, Stage, StarChoice
from northstar.demo import loading
from northstar.lib import clock
from teams import weekly_pages
from teams.models import Alert, Omtm, Review, Screen, User, WeeklyReview
from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
# Not pages: they answer to programs, make a file, or lead on at once.
NO_PAGES = {
    "healthz", "readyz", "metric-export", "portfolio-export", "omtm-archive", "api-schema",
    "review-meeting-next", "omtm-calendar", "source-next-runs",
    "api-observations", "account_logout", "account_signup", "account_login", "account_email",
    "account_reauthenticate", "account_set_password", "api-events", "alert-preview", "weekly-mail-letter",
    # The wall turns and loads anew by itself: test_wall.py looks at it, with axe.
    "wall", "wall-code", "wall-state", "wall-views", "screen-look",
}  # fmt: skip


@pytest.fixture
def brindlewick() -> User:
    """The demo company, loaded as `manage.py demo` loads it; the one who may do everything."""
    assert loading.load(clock.now(), hashed=make_password("not-used-here"))
    Source.objects.create(name="Till", slug="till", kind="push")
    return User.objects.get(email__startswith="maren@")


def every_path() -> dict[str, str]:
    """Route name to path, for every GET page that some object of the demo fills."""
    running = Omtm.objects.filter(state="active").order_by("id")[0]
    pulled = Metric.objects.filter(source__kind="demo").order_by("id")[0]
    step = Stage.objects.select_related("funnel").order_by("id")[1]
    known: dict[str, list[dict[str, Any]]] = {
        "metric": [{"slug": pulled.slug}],
        "source": [{"slug": Source.objects.filter(kind="demo")[0].slug}],
        "team": [{"slug": running.team.slug}],
        "funnel": [{"slug": step.funnel.slug}, {"slug": step.funnel.slug, "pk": step.pk}],
        "omtm": [{"pk": running.pk}, {"slug": running.team.slug}],
        "north": [{"pk": NorthStar.objects.order_by("id")[0].pk}],
        "channel": [{"kind": "slack"}],
        "screen": [{"pk": Screen.objects.order_by("id")[0].pk}],
        "annotation": [{"pk": Annotation.objects.order_by("id")[0].pk}],
        "alert": [{"pk": Alert.objects.filter(owner__email__startswith="maren@").order_by("id")[0].pk}],
        "person": [{"pk": User.objects.order_by("id")[0].pk}],
        "weekly": [{"week": weekly_pages.week_code(WeeklyReview.objects.order_by("week")[0].week)}],
    }
    held = Review.objects.filter(kind="closing", held_at__isnull=False).order_by("id")[0]
    met = Review.objects.filter(kind="meeting").order_by("id")[0]
    known |= {name: [{"pk": held.pk}] for name in ("review", "review-minutes")}
    known |= {"review-run-omtm": [{"pk": running.pk}], "review-meeting": [{"day": met.due_on.isoformat()}]}
    driver, chosen = Driver.objects.order_by("id")[0], StarChoice.objects.order_by("id")[0]
    known |= {f"north-star-driver{end}": [{"pk": driver.pk}] for end in ("", "-remove")}
    known |= {f"north-star-choice-{end}": [{"pk": chosen.pk}] for end in ("story", "drop")}
    known |= {"north-star-choice-step": [{"pk": chosen.pk, "step": "value"}]}
    found = {}
    for name in sorted(routes(get_resolver()) - NO_PAGES):
        first = [{"slug": "till"}] if name == "source-token-new" else []
        for arguments in [
            {},
            *first,
            *known.get(name, known.get(name.split("-")[0], [])),
            {"kind": "postgresql"},
        ]:
            try:
                found[name] = reverse(name, kwargs=arguments)
            except Exception:  # another set of arguments may fit
                continue
            break
    return found


def routes(resolver: URLResolver) -> set[str]:
    names: set[str] = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            names |= routes(pattern)
        elif isinstance(pattern, URLPattern) and pattern.name and not only_posted_to(pattern.callback):
            names.add(pattern.name)
    return names


def only_posted_to(view: Any) -> bool:
    """Whether `require_POST` stands before the view; asking each page first would draw each page twice."""
    while view is not None:
        names = view.__code__.co_freevars if hasattr(view, "__code__") else ()
        if "request_method_list" in names:
            return "GET" not in view.__closure__[names.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return False


# What a page is built of is the same in the dark and on a phone; its colours and sizes are not.
@pytest.mark.parametrize(
    ("scheme", "viewport", "rules"),
    [
        ("light", DESKTOP, {}),
        ("dark", PHONE, {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}),
    ],
    ids=["light", "dark phone"],
)
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page],
    axe: Callable[..., None],
    brindlewick: User,
    scheme: str,
    viewport: dict[str, int],
    rules: dict[str, Any],
) -> None:
    page = open_page(brindlewick, viewport=viewport, scheme=scheme)
    paths = every_path()
    assert {
        "home",
        "team",
        "omtm",
        "metric",
        "source",
        "review-list",
        "weekly-past",
        "people",
        "status",
    } <= set(paths)
    looked_at, faults = [], []
    for name, path in paths.items():
        answer = page.goto(path)
        assert answer is not None
        looked_at.append(name)
        if answer.status != 200:
            faults.append(f"{name}: {path} answered {answer.status}")
            continue
        if too_wide := page.evaluate(WIDER):
            faults.append(f"{name}: {path} is {too_wide} px wider than the window")
        try:
            axe(page, **rules)
        except AssertionError as report:
            faults.append(f"{name}: {str(report)[:1500]}")
    assert not faults, "\n".join(faults)
    assert len(looked_at) >= 35, looked_at
