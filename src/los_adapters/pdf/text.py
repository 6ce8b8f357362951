"""Text on a page: which font draws which characters, how wide it is, where lines break.

fpdf2's text shaping triples the cost of every string, so only runs of Devanagari go through it;
everything else is placed by the font's own advance widths. Nothing here knows of pages or tables.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

import attrs
from fpdf import FPDF
from fpdf.fonts import TTFFont

Weight: TypeAlias = Literal["", "B"]
Colour: TypeAlias = tuple[int, int, int]

FONTS = Path(__file__).with_name("fonts")
MM_PER_POINT = 25.4 / 72

_DEVANAGARI = re.compile("([\u0900-\u097f\ua8e0-\ua8ff\u200c\u200d]+)")
_UNKNOWN = "\ufffd"
_FILES: dict[tuple[str, Weight], str] = {
    ("latin", ""): "NotoSans-Regular.ttf",
    ("latin", "B"): "NotoSans-Bold.ttf",
    ("deva", ""): "NotoSansDevanagari-Regular.ttf",
    ("deva", "B"): "NotoSansDevanagari-Bold.ttf",
}


@attrs.frozen
class Style:
    """How a piece of text looks; `size` in points."""

    size: float = 9.0
    weight: Weight = ""
    colour: Colour = (33, 37, 41)

    @property
    def line_mm(self) -> float:
        """Return the distance from one baseline to the next."""
        return self.size * MM_PER_POINT * 1.42


class Pen:
    """Measures, wraps and draws text on an fpdf2 document, choosing a font for each run."""

    def __init__(self, pdf: FPDF) -> None:
        self.pdf = pdf
        self._widths: dict[tuple[str, Weight, float], float] = {}

    def width(self, text: str, style: Style) -> float:
        """Return the width of a clean single line in mm."""
        total = 0.0
        for family, run in _runs(text):
            key = (run, style.weight, style.size)
            if key not in self._widths:
                self._select(family, style)
                self._widths[key] = self.pdf.get_string_width(run, normalized=True)
            total += self._widths[key]
        return total

    def wrap(self, text: str, style: Style, width: float) -> list[str]:
        """Return the clean lines of `text` that fit `width` mm; a long word is broken anywhere.

        A line break in the text ends a line; an empty line stays. Always at least one line.
        """
        lines: list[str] = []
        for paragraph in self._clean(text, style).split("\n"):
            line = ""
            for word in _words(paragraph):
                longer = f"{line} {word}" if line else word
                if self.width(longer, style) <= width:
                    line = longer
                    continue
                if line:
                    lines.append(line)
                *full, line = self._pieces(word, style, width)
                lines.extend(full)
            lines.append(line)
        return lines

    def draw(self, text: str, style: Style, *, x: float, baseline: float, align: str = "L") -> None:
        """Draw one clean line whose left edge, right edge (R) or middle (C) is at `x` mm."""
        if align != "L":
            x -= self.width(text, style) / (2 if align == "C" else 1)
        for family, run in _runs(text):
            self._select(family, style)
            self.pdf.set_text_color(*style.colour)
            if family == "deva":
                height = style.size * MM_PER_POINT
                self.pdf.set_xy(x, baseline - 0.8 * height)
                self.pdf.cell(h=height, text=run)
            else:
                self.pdf.text(x, baseline, run)
            x += self.width(run, style)

    def _select(self, family: str, style: Style) -> None:
        if family + style.weight not in self.pdf.fonts:
            file = FONTS / _FILES[family, style.weight]
            self.pdf.add_font(family, style.weight, file)
        self.pdf.set_font(family, style.weight, style.size)
        self.pdf.set_text_shaping(use_shaping_engine=family == "deva")

    def _clean(self, text: str, style: Style) -> str:
        kept = []
        for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
            if char == "\n" or char in "\u200c\u200d":
                kept.append(char)
            elif char == "\u00a0" or unicodedata.category(char) in {"Zs", "Cc", "Zl", "Zp"}:
                kept.append("\u00a0" if char == "\u00a0" else " ")
            elif unicodedata.category(char) not in {"Cf", "Cs"}:
                kept.append(char if self._has(char, style) else _UNKNOWN)
        return "".join(kept)

    def _has(self, char: str, style: Style) -> bool:
        family = "deva" if _DEVANAGARI.match(char) else "latin"
        if family + style.weight not in self.pdf.fonts:
            self._select(family, style)
        font = self.pdf.fonts[family + style.weight]
        assert isinstance(font, TTFFont)
        return ord(char) in font.cmap

    def _pieces(self, word: str, style: Style, width: float) -> list[str]:
        pieces = [""]
        for cluster in _clusters(word):
            if pieces[-1] and self.width(pieces[-1] + cluster, style) > width:
                pieces.append("")
            pieces[-1] += cluster
        return pieces


def blank(*, title: str, author: str, subject: str, created: datetime) -> FPDF:
    """Return an empty A4 document in mm without margins, page breaks or anything of the moment."""
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margins(0, 0, 0)
    pdf.c_margin = 0
    pdf.alias_nb_pages("")
    pdf.set_creation_date(created.astimezone(UTC))
    pdf.set_title(title)
    pdf.set_author(author)
    pdf.set_subject(subject)
    pdf.set_producer("LOS")
    pdf.set_creator("LOS")
    pdf.set_lang("en-IN")
    return pdf


def _runs(text: str) -> Iterator[tuple[str, str]]:
    for index, run in enumerate(_DEVANAGARI.split(text)):
        if run:
            yield ("deva" if index % 2 else "latin"), run


def _words(paragraph: str) -> list[str]:
    return [word for word in paragraph.split(" ") if word]


def _clusters(word: str) -> Iterator[str]:
    """Yield the word in pieces that may stand on lines of their own: marks stay with their base."""
    cluster = ""
    for char in word:
        joined = cluster.endswith(("\u094d", "\u200d")) or unicodedata.category(char)[0] == "M"
        if cluster and not joined and char not in "\u200c\u200d":
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster
