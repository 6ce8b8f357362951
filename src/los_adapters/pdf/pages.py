"""The lender's paper: letterhead, headings, paragraphs, label-value grids and tables on A4 pages.

Every letter is laid out with these few parts, so that all look alike. A table that reaches the end
of a page goes on under a repeated head. Header, footer and "Page x of y" are drawn last, when the
number of pages is known; no alias stands in the text that a customer's name could imitate.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Literal, TypeAlias

import attrs

from los_adapters.pdf.text import Colour, Pen, Style, blank
from los_core.domain.letters import Borrower, Lender, Line, day, fill_template

Align: TypeAlias = Literal["L", "R", "C"]

PAGE_W, PAGE_H = 210.0, 297.0
LEFT, RIGHT = 18.0, 192.0
WIDTH = RIGHT - LEFT

INK: Colour = (27, 54, 93)
GREY: Colour = (108, 117, 125)
HAIR: Colour = (206, 212, 218)
WASH: Colour = (243, 246, 250)

BODY = Style(9)
STRONG = Style(9, "B")
SMALL = Style(7.5, "", GREY)
HEAD = Style(8, "B", INK)
HEADING = Style(10.5, "B", INK)
TITLE = Style(16, "B", INK)
LOCAL_TITLE = Style(11, "", GREY)

_PAD = 1.5
"""Space above and below the text of a row, in mm."""


@attrs.frozen
class Column:
    """A column of a table; `share` is its part of the width, relative to the others."""

    title: str
    share: float
    align: Align = "L"
    style: Style = BODY


@attrs.frozen(kw_only=True)
class Heading:
    """What a letter is called and whose it is: feeds the letterhead, header, footer, metadata."""

    title: str
    reference: str
    loan_no: str
    lender: Lender
    borrower: Borrower
    issued_on: date
    header: str
    footer: str


class Paper:
    """One letter being laid out from top to bottom; `finish` ends it and returns the file."""

    def __init__(self, heading: Heading) -> None:
        self._heading = heading
        self._pdf = blank(
            title=f"{heading.title} {heading.reference}",
            author=heading.lender.legal_name,
            subject=heading.reference,
            created=datetime.combine(heading.issued_on, time(), UTC),
        )
        self._pen = Pen(self._pdf)
        self._header = heading.header or "{lender_name}\u2003·\u2003" + heading.title
        self._pdf.add_page()
        self._top = 9.0 + self._measure(self._header, WIDTH) + 5.0
        self._bottom = PAGE_H - 12.0 - max(1, self._lines(heading.footer)) * SMALL.line_mm - 2.0
        self._y = self._top
        self._letterhead()

    def title(self, text: str, *, local: str = "") -> None:
        """Print the name of the letter, with its name in the local language beside it."""
        self._y += 5.5
        self._pen.draw(text, TITLE, x=LEFT, baseline=self._y)
        if local:
            x = LEFT + self._pen.width(text, TITLE) + 3.5
            self._pen.draw(local, LOCAL_TITLE, x=x, baseline=self._y)
        self._y += 5.0

    def heading(self, text: str, *, keep_mm: float = 18.0) -> None:
        """Print a section's heading; at least `keep_mm` of the page must be left below it."""
        self._need(7.5 + keep_mm)
        self._y += 6.5
        self._pen.draw(text, HEADING, x=LEFT, baseline=self._y)
        self._y += 2.4

    def paragraph(self, text: str, style: Style = BODY, *, indent: float = 0.0) -> None:
        """Print text in lines of the full width; it may run over to the next page."""
        self._y += 0.8
        for line in self._pen.wrap(text, style, WIDTH - indent):
            self._need(style.line_mm)
            self._y += style.line_mm
            self._pen.draw(line, style, x=LEFT + indent, baseline=self._y - 1.1)
        self._y += 0.9

    def clause(self, number: int, heading: str, text: str) -> None:
        """Print a numbered clause: its heading in bold, its paragraphs indented under it."""
        first = self._pen.wrap(heading, STRONG, WIDTH - 7)
        self._need((len(first) + 2) * BODY.line_mm + 3)
        self._y += 1.6
        self._pen.draw(f"{number}.", STRONG, x=LEFT, baseline=self._y + STRONG.line_mm - 0.3)
        self.paragraph(heading, STRONG, indent=7)
        self._y -= 1.2
        for part in text.split("\n"):
            self.paragraph(part, BODY, indent=7)

    def gap(self, height_mm: float) -> None:
        """Leave space."""
        self._y += height_mm

    def pairs(self, lines: Sequence[Line], *, box: bool = False) -> None:
        """Print labels and values in two columns of pairs, row by row, divided by hairlines.

        A label's local words stand under it. `box` puts the grid on a tinted ground.
        """
        half = (WIDTH - 8) / 2
        rows = [lines[start : start + 2] for start in range(0, len(lines), 2)]
        for index, row in enumerate(rows):
            cells = [self._pair(line, half) for line in row]
            height = max(cell.height for cell in cells) + 2 * _PAD
            self._need(height)
            if box:
                self._fill(LEFT, self._y, WIDTH, height, WASH)
            for side, cell in enumerate(cells):
                x = LEFT + (3 if box else 0) + side * (half + (4 if box else 8))
                self._draw_pair(cell, x, half - (1 if box else 0))
            if box and index:
                self._rule(self._y, HAIR)
            self._y += height
            if not box:
                self._rule(self._y, HAIR)
        self._y += 1.5

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        total: Sequence[str] = (),
    ) -> None:
        """Print a table; its head is repeated on every page, `total` is a last row in bold."""
        shares = sum(column.share for column in columns)
        widths = [WIDTH * column.share / shares for column in columns]
        heads = self._cells([column.title for column in columns], columns, widths, HEAD)
        body = [(self._cells(row, columns, widths, None), False) for row in rows]
        if total:
            body.append((self._cells(total, columns, widths, STRONG), True))
        first_mm = _height(body[0][0]) if body else 0.0
        self._need(min(_height(heads) + first_mm, 60))
        self._table_row(heads, columns, widths, ground=WASH, rule=INK)
        for index, (cells, strong) in enumerate(body):
            # The last two rows stay together: a total alone on a page says nothing.
            after = _height(body[-1][0]) if index == len(body) - 2 else 0.0
            for piece in self._split(cells, _height(heads)):
                if self._y + _height(piece) + min(after, 30) > self._bottom:
                    self._new_page()
                    self._table_row(heads, columns, widths, ground=WASH, rule=INK)
                ground = WASH if strong else None
                self._table_row(piece, columns, widths, ground=ground, rule=HAIR)
        self._y += 1.5

    def signatures(self, parties: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Print one box per party, side by side, to be signed: its role, then its lines."""
        width = (WIDTH - 8) / 2
        deepest = max(len(lines) for _, lines in parties)
        self._need(30 + deepest * SMALL.line_mm)
        for index, (role, lines) in enumerate(parties):
            x = LEFT + index * (width + 8)
            y = self._y + 6
            self._pen.draw(role, STRONG, x=x, baseline=y)
            self._line(x, y + 18, x + width, y + 18, GREY)
            for step, text in enumerate(lines, start=1):
                for line in self._pen.wrap(text, SMALL, width)[:1]:
                    self._pen.draw(line, SMALL, x=x, baseline=y + 18.6 + step * SMALL.line_mm)
        self._y += 26 + deepest * SMALL.line_mm

    def finish(self) -> bytes:
        """Draw header, footer and page numbers on every page and return the file."""
        pages = self._pdf.pages_count
        for page in range(1, pages + 1):
            self._pdf.page = page
            # fpdf2 writes a font or colour only when it changes, and this page last saw others.
            self._pdf.current_font_is_set_on_page = False
            self._pdf.set_draw_color(*INK)
            self._margins(page, pages)
        return bytes(self._pdf.output())

    def _letterhead(self) -> None:
        lender = self._heading.lender
        name = Style(15, "B", INK)
        contact = "  ·  ".join(part for part in (lender.phone, lender.email) if part)
        right = [part for part in (*lender.address, contact, lender.website) if part]
        left = [lender.brand_name] if lender.brand_name != lender.legal_name else []
        left += [f"RBI registration {lender.registration_no}"]
        y = self._y + 5
        for line in self._pen.wrap(lender.legal_name, name, WIDTH * 0.56):
            self._pen.draw(line, name, x=LEFT, baseline=y)
            y += name.line_mm * 0.9
        y -= 1.2
        for line in left:
            self._pen.draw(self._one(line, SMALL), SMALL, x=LEFT, baseline=y)
            y += SMALL.line_mm
        across = self._y + 3.6
        for part in right:
            for line in self._pen.wrap(part, SMALL, WIDTH * 0.42):
                self._pen.draw(line, SMALL, x=RIGHT, baseline=across, align="R")
                across += SMALL.line_mm
        self._y = max(y, across) - 0.8
        self._fill(LEFT, self._y, WIDTH, 0.7, INK)
        self._y += 5

    def _margins(self, page: int, pages: int) -> None:
        heading = self._heading
        values = self._values(str(page), str(pages))
        y = 9.0
        for line in self._pen.wrap(fill_template(self._header, values), SMALL, WIDTH):
            y += SMALL.line_mm
            self._pen.draw(line, SMALL, x=LEFT, baseline=y - 1)
        self._rule(y + 1, HAIR)
        y = self._bottom + 2.0
        self._rule(y, HAIR)
        number = f"Page {page} of {pages}"
        self._pen.draw(number, SMALL, x=RIGHT, baseline=y + SMALL.line_mm, align="R")
        if heading.footer:
            for line in self._pen.wrap(fill_template(heading.footer, values), SMALL, WIDTH - 28):
                y += SMALL.line_mm
                self._pen.draw(line, SMALL, x=LEFT, baseline=y)

    def _measure(self, text: str, width: float) -> float:
        return len(self._pen.wrap(self._widest(text), SMALL, width)) * SMALL.line_mm

    def _lines(self, text: str) -> int:
        return len(self._pen.wrap(self._widest(text), SMALL, WIDTH - 28)) if text else 0

    def _widest(self, text: str) -> str:
        return fill_template(text, self._values("888", "888"))

    def _values(self, page: str, pages: str) -> Mapping[str, str]:
        heading = self._heading
        return {
            "loan_no": heading.loan_no,
            "customer_name": heading.borrower.name,
            "lender_name": heading.lender.legal_name,
            "date": day(heading.issued_on),
            "page": page,
            "pages": pages,
        }

    def _new_page(self) -> None:
        self._pdf.add_page()
        self._y = self._top

    def _need(self, height: float) -> None:
        if self._y + height > self._bottom:
            self._new_page()

    def _one(self, text: str, style: Style) -> str:
        return self._pen.wrap(text, style, WIDTH)[0]

    def _pair(self, line: Line, width: float) -> "_Pair":
        label_w = width * 0.44
        return _Pair(
            label=self._pen.wrap(line.label, Style(8.5, "", GREY), label_w),
            local=self._pen.wrap(line.local, SMALL, label_w) if line.local else [],
            value=self._pen.wrap(line.value, STRONG, width - label_w - 2),
        )

    def _draw_pair(self, cell: "_Pair", x: float, width: float) -> None:
        label = Style(8.5, "", GREY)
        y = self._y + _PAD
        for text in cell.label:
            y += BODY.line_mm
            self._pen.draw(text, label, x=x, baseline=y - 1.2)
        for text in cell.local:
            y += SMALL.line_mm
            self._pen.draw(text, SMALL, x=x, baseline=y - 1.2)
        y = self._y + _PAD
        for text in cell.value:
            y += BODY.line_mm
            self._pen.draw(text, STRONG, x=x + width * 0.44 + 2, baseline=y - 1.2)

    def _cells(
        self,
        texts: Sequence[str],
        columns: Sequence[Column],
        widths: Sequence[float],
        style: Style | None,
    ) -> list["_Cell"]:
        return [
            _Cell(self._pen.wrap(text, style or column.style, width - 3), style or column.style)
            for text, column, width in zip(texts, columns, widths, strict=True)
        ]

    def _split(self, cells: list["_Cell"], head_mm: float) -> list[list["_Cell"]]:
        room = int((self._bottom - self._top - head_mm - 2 * _PAD) / BODY.line_mm)
        deepest = max(len(cell.lines) for cell in cells)
        return [
            [_Cell(cell.lines[start : start + room], cell.style) for cell in cells]
            for start in range(0, deepest, room)
        ]

    def _table_row(
        self,
        cells: list["_Cell"],
        columns: Sequence[Column],
        widths: Sequence[float],
        *,
        ground: Colour | None,
        rule: Colour,
    ) -> None:
        height = _height(cells)
        if ground:
            self._fill(LEFT, self._y, WIDTH, height, ground)
        x = LEFT
        for cell, column, width in zip(cells, columns, widths, strict=True):
            at = {"L": x + 1.5, "R": x + width - 1.5, "C": x + width / 2}[column.align]
            y = self._y + _PAD
            for line in cell.lines:
                y += cell.style.line_mm
                self._pen.draw(line, cell.style, x=at, baseline=y - 1.2, align=column.align)
            x += width
        self._y += height
        self._rule(self._y, rule)

    def _fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F")

    def _rule(self, y: float, colour: Colour) -> None:
        self._line(LEFT, y, RIGHT, y, colour)

    def _line(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(0.15)
        self._pdf.line(x1, y1, x2, y2)


@attrs.frozen
class _Cell:
    lines: list[str]
    style: Style


@attrs.frozen(kw_only=True)
class _Pair:
    label: list[str]
    local: list[str]
    value: list[str]

    @property
    def height(self) -> float:
        """Return the taller of label and value, in mm."""
        label = len(self.label) * BODY.line_mm + len(self.local) * SMALL.line_mm
        return max(label, len(self.value) * BODY.line_mm)


def _height(cells: Sequence[_Cell]) -> float:
    return max(len(cell.lines) * cell.style.line_mm for cell in cells) + 2 * _PAD
