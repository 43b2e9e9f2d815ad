"""The letters that pictures are written in: two files of Inter, the same on every machine.

The asset step puts them into static/vendor. A machine's own fonts are never asked, so a picture looks the
same everywhere, and a machine without fonts draws no empty chart.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor"
FAMILY = "Inter"
#: Stands where the font has no such letter: seen, not lost.
UNKNOWN = "\N{WHITE SQUARE}"


def files() -> list[str]:
    """The paths of the fonts. Raises FileNotFoundError where one is not there: no picture without words."""
    paths = [FOLDER / "inter-400.ttf", FOLDER / "inter-600.ttf"]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"The font {path.name} is missing: run make assets")
    return [str(path) for path in paths]


def drawable(text: str) -> str:
    """The text with a square for each letter that the font does not have."""
    if text.isascii():
        return text
    has = known()
    return "".join(
        sign if sign in has or sign.isspace() else UNKNOWN for sign in unicodedata.normalize("NFC", text)
    )


@cache
def known() -> frozenset[str]:
    """Every sign that the regular font has a shape for: its table `cmap`, format 4 (OpenType 1.9)."""
    data = Path(files()[0]).read_bytes()
    table = _table(data, b"cmap")
    count = struct.unpack_from(">H", data, table + 2)[0]
    records = [struct.unpack_from(">HHL", data, table + 4 + 8 * number) for number in range(count)]
    start = next(table + at for platform, encoding, at in records if (platform, encoding) == (3, 1))
    doubled = struct.unpack_from(">H", data, start + 6)[0]
    ends = struct.unpack_from(f">{doubled // 2}H", data, start + 14)
    begins = struct.unpack_from(f">{doubled // 2}H", data, start + 16 + doubled)
    return frozenset(
        chr(code)
        for begin, end in zip(begins, ends, strict=True)
        for code in range(begin, end + 1)
        if code < 0xFFFF
    )


def _table(data: bytes, name: bytes) -> int:
    count = struct.unpack_from(">H", data, 4)[0]
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        if tag == name:
            return int(offset)
    raise ValueError("The font has no letters")
