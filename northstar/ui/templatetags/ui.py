"""Template tags of the look: {% load ui %}. Each returns safe HTML without a style attribute."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from northstar.ui.marks import ICONS, SHAPES, WORDS

register = template.Library()
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
PULLS_SHOWN = 28
NOTES_SHOWN = 6
_RANGE = re.compile(r"\d+[wmy]|all")
_UNITS = {"w": "weeks", "m": "months", "y": "years"}


@register.simple_tag
def mark(name: str) -> SafeString:
    """The shape alone, 10 × 10, in the text's colour: a state, or up, down, steady."""
    shape = SHAPES.get(str(name), SHAPES["neutral"])
    return mark_safe(f'<svg class="mark" viewBox="0 0 10 10" aria-hidden="true">{shape}</svg>')


@register.simple_tag
def icon(name: str) -> SafeString:
    """A 16 × 16 line icon; decoration only, so its button needs words. Unknown name: KeyError."""
    path = ICONS[name]
    return mark_safe(f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg>')


@register.simple_tag
def pill(state: str, words: object = None) -> SafeString:
    """State pill: shape and word; `words` replaces the word ("4 on track", "Token expired")."""
    name = str(state) if str(state) in SHAPES else "neutral"
    text = words if words not in (None, "") else WORDS.get(name) or str(state).replace("_", " ").capitalize()
    return format_html('<span class="pill pill--{}">{}{}</span>', name, mark(name), text)


@register.simple_tag
def state_word(state: str) -> str:
    """The state in words, in the middle of a sentence: "on track"."""
    return (WORDS.get(str(state)) or str(state).replace("_", " ")).lower()


@register.simple_tag
def progress(value: float | None, expected: float | None = None, state: str = "neutral") -> SafeString:
    """Bar of progress (share of the way, 0 to 1) with a tick where the calendar expects it."""
    words = "No progress known" if value is None else f"{_percent(value)} there"
    tick = SafeString("")
    if expected is not None:
        words += f", {_percent(expected)} expected"
        at = f"{_clip(expected) * 100:.2f}%"
        tick = format_html('<rect class="progress-tick" x="{}" y="0" width="2" height="14"/>', at)
    return format_html(
        '<svg class="progress progress--{}" role="img" aria-label="{}">'
        '<rect class="progress-track" y="4.5" width="100%" height="5" rx="2.5"/>'
        '<rect class="progress-bar" y="4.5" width="{}%" height="5" rx="2.5"/>{}</svg>',
        state, words, f"{_clip(value or 0) * 100:.2f}", tick,
    )  # fmt: skip


@register.simple_tag
def gap_track(value: float, expected: float, state: str) -> SafeString:
    """Track from where the calendar wants it (tick) to where it stands (dot); both shares of the way."""
    here, wanted = (f"{4 + _clip(share) * 92:.2f}%" for share in (value, expected))
    return format_html(
        '<svg class="gap-track gap--{}" role="img" aria-label="{} there, {} expected">'
        '<line class="gap-line" x1="0" x2="100%" y1="8" y2="8"/>'
        '<line class="gap-span" x1="{}" x2="{}" y1="8" y2="8"/>'
        '<line class="gap-tick" x1="{}" x2="{}" y1="2" y2="14"/>'
        '<circle class="gap-dot" cx="{}" cy="8" r="5"/></svg>',
        state, _percent(value), _percent(expected), wanted, here, wanted, wanted, here,
    )  # fmt: skip


@register.simple_tag
def delta(change: str, tone: str = "", note: str = "", *, arrow: str = "") -> SafeString:
    """A change in words: `{% delta "3.1%" "good" "on last week" arrow="up" %}`. Tones: good, bad, warn."""
    shape = mark(arrow) if arrow else SafeString("")
    return format_html(
        '<span class="delta delta--{}">{}<b>{}</b> {}</span>', tone or "none", shape, change, note
    )


@register.simple_tag
def avatar(name: object, size: str = "") -> SafeString:
    """Initials of a person, with the whole name for those who hover or listen."""
    whole = str(name or "").strip()
    words = whole.replace("@", " ").replace(".", " ").split()
    initials = (words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])).upper() if words else "?"
    return format_html(
        '<span class="avatar{}" role="img" aria-label="{}" title="{}">{}</span>',
        f" avatar--{size}" if size else "", whole or "Nobody", whole or "Nobody", initials,
    )  # fmt: skip


@register.simple_tag
def tick_strip(pulls: Iterable[Any], words: str = "") -> SafeString:
    """The last 28 pulls, oldest first: state names, or objects with `.state`, `.share` of the usual height
    and `.words`. Trouble stands taller; `words` say it all in one sentence."""
    shown = list(pulls)[-PULLS_SHOWN:]
    padded = [None] * (PULLS_SHOWN - len(shown)) + shown
    # Hundreds of strips may stand on a page: every part is escaped here, once.
    bars = mark_safe("".join(_bar(pull, place * 6) for place, pull in enumerate(padded)))
    failed = sum(getattr(pull, "state", pull) in ("failed", "dead") for pull in shown)
    said = words or (f"Last {len(shown)} pulls: {failed} failed" if shown else "No pull yet")
    return format_html(
        '<svg class="tick-strip" viewBox="0 0 166 20" role="img" aria-label="{}">{}</svg>', said, bars
    )


@register.simple_tag
def figure_script(figure: object, element_id: str) -> SafeString:
    """A figure (JSON text, or data) as a script of type application/json, safe inside HTML."""
    text = figure if isinstance(figure, str) else json.dumps(figure, separators=(",", ":"))
    safe = mark_safe(text.translate(_ESCAPES))
    return format_html('<script type="application/json" id="{}">{}</script>', element_id, safe)


@register.simple_tag
def sketch(chart: Any, name: object) -> SafeString:
    """The stored SVG of that range ("26w"), or nothing. The product drew it and escaped its labels."""
    sketches = getattr(chart, "sketches", None) or {}
    return mark_safe(sketches.get(str(name), ""))


@register.simple_tag
def small_sketch(chart: Any, name: object) -> SafeString:
    """The sketch for narrow boxes ("26w-narrow" or "26w-small") in its own element, where one is stored."""
    svg = sketch(chart, f"{name}-narrow") or sketch(chart, f"{name}-small")
    return format_html('<div class="chart-sketch chart-sketch--small">{}</div>', svg) if svg else svg


@register.filter
def ranges(sketches: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """(key, label, words) of the ranges a chart was drawn for, as stored: ("26w", "26 w", "26 weeks")."""
    return [_range(key) for key in sketches or {} if _RANGE.fullmatch(key)]


@register.filter
def choices(field: BoundField) -> SafeString:
    """The options of a radio or checkbox group as labels, each around its input."""
    return format_html_join(
        "", "<label>{}<span>{}</span></label>", ((o.tag(), o.choice_label) for o in field)
    )


@register.filter
def by_view(flags: Iterable[Mapping[str, Any]], shown: str) -> dict[str, list[Mapping[str, Any]]]:
    """{"shown", "older"}: the notes of a chart, newest first; `shown` holds the six newest of that range."""
    newest = list(flags or ())[::-1]
    seen = [flag for flag in newest if shown in flag.get("ranges", ())][:NOTES_SHOWN]
    return {"shown": seen, "older": [flag for flag in newest if flag not in seen]}


@register.filter
def kinds(flags: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """[("campaign", "Campaign"), …]: the kinds of these notes, each once."""
    found = {flag.get("kind") for flag in flags or ()}
    return [(kind, kind.capitalize()) for kind in sorted(filter(None, found))]


@register.filter
def item(mapping: Mapping[str, Any] | None, key: object) -> object:
    """`{{ mapping|item:key }}`: the value under a key that only a variable knows; "" without it."""
    return (mapping or {}).get(str(key), "")


def _range(key: str) -> tuple[str, str, str]:
    if key == "all":
        return key, "All", "Everything"
    count, unit = key[:-1], key[-1]
    return key, f"{count} {unit}", f"{count} {_UNITS[unit]}"


def _clip(share: float) -> float:
    return min(1.0, max(0.0, float(share)))


def _percent(share: float) -> str:
    return f"{round(float(share) * 100)}%"


def _bar(pull: Any, x: int) -> str:
    state = "none" if pull is None else str(getattr(pull, "state", pull))
    height = 20 if state in ("failed", "dead") else 5 + round(9 * _clip(getattr(pull, "share", 1.0)))
    words = getattr(pull, "words", "")
    title = f"<title>{escape(words)}</title>" if words else ""
    place = f'x="{x}" y="{20 - height}" width="4" height="{height}" rx="1"'
    return f'<rect class="tick--{escape(state)}" {place}>{title}</rect>'
