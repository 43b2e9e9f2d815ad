"""States as shape and word, in one place (domain.md §1). Shapes are 10 × 10 and take the text's colour."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "on_track": "On track",
    "at_risk": "At risk",
    "off_track": "Off track",
    "too_early": "Too early",
    "no_data": "No data",
    "achieved": "Achieved",
    "partly": "Partly",
    "missed": "Missed",
    "costly": "At a cost",
    "neutral": "",
    "good": "",
    "warn": "",
    "bad": "",
    "accent": "",
}

_DISC = '<circle cx="5" cy="5" r="4"/>'
_TRIANGLE = '<path d="M5 .8 9.6 9.2H.4Z"/>'
_SQUARE = '<rect x="1" y="1" width="8" height="8" rx="1"/>'
_QUARTER = (
    '<path fill-rule="evenodd" d="M5 .5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 '
    '0-9Zm0 1.2V5h3.3A3.3 3.3 0 1 1 5 1.7Z"/>'
)
_RING = (
    '<circle cx="5" cy="5" r="3.8" fill="none" stroke="currentColor" '
    'stroke-width="1.4" stroke-dasharray="2.2 1.8"/>'
)
_HALF = (
    '<path d="M5 1a4 4 0 0 0 0 8Z"/><circle cx="5" cy="5" r="3.7" fill="none" stroke="currentColor" '
    'stroke-width="1.2"/>'
)
_DOT_RING = '<circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" stroke-width="1.6"/>'

SHAPES: Final = {
    "on_track": _DISC,
    "achieved": _DISC,
    "good": _DISC,
    "at_risk": _TRIANGLE,
    "partly": _TRIANGLE,
    "warn": _TRIANGLE,
    "off_track": _SQUARE,
    "missed": _SQUARE,
    "costly": _HALF,
    "bad": _SQUARE,
    "too_early": _QUARTER,
    "no_data": _RING,
    "neutral": _DOT_RING,
    "accent": _DISC,
    "up": _TRIANGLE,
    "down": '<path d="M5 9.2.4.8h9.2Z"/>',
    "steady": '<rect x="0.5" y="4" width="9" height="2" rx="1"/>',
}

# 16 × 16 line icons, stroked in the text's colour.
ICONS: Final = {
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "close": "m4 4 8 8M12 4l-8 8",
    "bell": "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8ZM6.7 14.5h2.6",
    "check": "m3 8.5 3.5 3.5L13 4.5",
    "plus": "M8 3v10M3 8h10",
    "copy": "M6 6h7v7H6zM3 10V3h7",
    "download": "M8 2.5v8m-3.5-3L8 11l3.5-3.5M3 13.5h10",
    "edit": "M3 13l.6-2.8L10.5 3.3l2.2 2.2-6.9 6.9Z",
    "right": "M3 8h10m-4-4 4 4-4 4",
    "again": "M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5",
    "pause": "M5.5 3.5v9M10.5 3.5v9",
    "play": "M5 3.5v9l7-4.5Z",
    "link": (
        "M6.8 9.2a2.7 2.7 0 0 0 3.8 0l2-2a2.7 2.7 0 0 0-3.8-3.8l-.8.8"
        "M9.2 6.8a2.7 2.7 0 0 0-3.8 0l-2 2a2.7 2.7 0 0 0 3.8 3.8l.8-.8"
    ),
    "lock": "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
    "people": (
        "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4"
        "M11 3.3a2.3 2.3 0 0 1 0 4.4M12.5 9.9c1.3.6 2 1.9 2 3.6"
    ),
    "person": "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8ZM3 13.5c0-2.6 2.2-4 5-4s5 1.4 5 4",
    "screen": "M1.5 3h13v8.5h-13zM5.5 14h5M8 11.5V14",
    "pulse": "M1.5 8.5h3l2-5 3 9 2-4h3",
    "flag": "M4 14V2.5h8.5L10.5 5.5l2 3H4",
    "out": "M6.5 2.5h-3v11h3M7 8h6.5m-2.5-2.5L13.5 8 11 10.5",
}
