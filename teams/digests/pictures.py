"""The pictures of a letter: each drawn once for a light and once for a dark ground.

No mail program shows SVG, and Outlook knows neither `<picture>` nor media queries. So each drawing comes as
two PNGs with a ground of their own: the dark one is hidden, and shown by programs that know
`prefers-color-scheme`. Outlook's Word never sees it (a conditional comment); Gmail shows the light one, which
can be read on any ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from metrics.charts import picture
from metrics.charts.picture import Look
from teams.digests.letter import Bet, Letter, TeamPart

STAR = "star"
#: Pixels of a picture for each pixel of the drawing: sharp where a letter is read, and not too heavy for it.
STAR_SCALE, SPARK_SCALE = 1.9, 1.7
#: What a letter may weigh, and about what its words do: the frame, each focus that stands whole, each line.
MOST_BYTES, FRAME, WHOLE, LINE = 148 * 1024, 15 * 1024, 2300, 700
#: In a mail a picture is a third larger, and has a head.
IN_MAIL = 1.38


@dataclass(frozen=True, slots=True)
class Pair:
    """A drawing for both grounds, `width` by `height` in pixels of the letter."""

    name: str
    light: bytes
    dark: bytes
    width: int
    height: int


def of(letter: Letter) -> dict[str, Pair]:
    """By name: "star", and the key of each focus that has a drawing. Raises PictureError.

    Where they become too heavy the last focuses have none; the letter says that in words.
    """
    bets, found = list(_bets([*letter.own, *letter.followed])), {}
    words = FRAME + WHOLE * len(bets) + LINE * (len(letter.others) + len(letter.events) + len(letter.coming))
    most = (MOST_BYTES - words) / IN_MAIL
    if letter.star_chart:
        found[STAR] = _pair(STAR, letter.star_chart, letter.star_state, STAR_SCALE)
    for bet in bets:
        if bet.spark:
            pair = _pair(bet.key.replace(":", "-"), bet.spark, bet.state, SPARK_SCALE)
            if size(found) + len(pair.light) + len(pair.dark) > most:
                break
            found[bet.key] = pair
    return found


def size(pairs: Mapping[str, Pair]) -> int:
    """Bytes of all of them."""
    return sum(len(each.light) + len(each.dark) for each in pairs.values())


def _bets(parts: Iterable[TeamPart]) -> Iterable[Bet]:
    return (bet for part in parts for bet in part.bets)


def _pair(name: str, svg: str, state: str, scale: float) -> Pair:
    light, dark = (_drawn(svg, theme, state, scale) for theme in picture.THEMES)
    width, height = picture.size(light)
    return Pair(name, light, dark, round(width / scale), round(height / scale))


@lru_cache(maxsize=128)
def _drawn(svg: str, theme: str, state: str, scale: float) -> bytes:
    """Everybody's letter has the same chart: it is drawn once."""
    return picture.png(svg, Look(theme, state), width=picture.natural_width(svg), scale=scale)
