import hashlib
import os
import subprocess
import sys
from io import BytesIO

import attrs
import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from los_adapters.pdf.letters import PdfLetters
from los_adapters.pdf.memory import MemoryLetters
from los_adapters.pdf.text import FONTS
from los_core.domain.letters import Line, NoDuesLetter
from los_core.ports.pdf import Letters
from los_core.testing import letters as samples


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


@pytest.mark.parametrize("letters", [PdfLetters(), MemoryLetters()], ids=["fpdf2", "memory"])
def test_a_renderer_keeps_the_laws_of_its_port(letters: Letters) -> None:
    samples.check_letters(letters)


def test_another_process_renders_the_same_bytes() -> None:
    code = (
        "import hashlib; from los_adapters.pdf.letters import PdfLetters;"
        "from los_core.testing.letters import AGREEMENT;"
        "print(hashlib.sha256(PdfLetters().agreement(AGREEMENT)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "America/New_York"}
    there = subprocess.run(  # noqa: S603 # our own interpreter and code
        [sys.executable, "-c", code],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()

    here = hashlib.sha256(PdfLetters().agreement(samples.AGREEMENT)).hexdigest()
    assert here == there


def test_every_page_says_which_it_is_of_how_many() -> None:
    rows = samples.SCHEDULE * 60
    plan = attrs.evolve(samples.PLAN, rows=rows)

    texts = pages(PdfLetters().schedule(plan))

    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text


def test_a_table_repeats_its_head_on_every_page_it_reaches() -> None:
    plan = attrs.evolve(samples.PLAN, rows=samples.SCHEDULE * 60)

    reached = [text for text in pages(PdfLetters().schedule(plan)) if "05 Apr 2026" in text]
    assert len(reached) > 2
    assert all("Outstanding principal" in text for text in reached)


def test_a_total_never_stands_alone_on_a_page() -> None:
    for count in range(18, 32):
        plan = attrs.evolve(samples.PLAN, rows=samples.SCHEDULE[:1] * count)
        last = pages(PdfLetters().schedule(plan))[-1]
        assert "Total" not in last or "05 Apr 2026" in last


def test_header_and_footer_are_filled_as_text() -> None:
    text = pages(PdfLetters().agreement(samples.AGREEMENT))[0]

    assert "Loan QR-000042 of Rohan Deshpande" in text
    assert "Sahyadri Credit Private Limited · 04 Mar 2026 · 1/" in text


@pytest.mark.parametrize(
    "hostile", ["{{7*7}}", "<b>bold</b>", "{nb}", "**strong**", "${7*7}", "<img src=file:///etc>"]
)
def test_markup_in_a_template_or_a_name_is_printed_literally(hostile: str) -> None:
    letter = attrs.evolve(
        samples.NO_DUES,
        footer=hostile,
        borrower=attrs.evolve(samples.BORROWER, name=f"Asha {hostile}"),
    )

    text = pages(PdfLetters().no_dues(letter))[0].replace("\n", " ")

    assert text.count(hostile) >= 2


def test_a_name_that_looks_like_a_placeholder_is_not_filled() -> None:
    letter = attrs.evolve(
        samples.AGREEMENT, borrower=attrs.evolve(samples.BORROWER, name="{loan_no} {page}")
    )

    assert "Loan QR-000042 of {loan_no} {page}" in pages(PdfLetters().agreement(letter))[0]


def test_rupee_sign_and_devanagari_come_from_embedded_fonts() -> None:
    pdf = PdfLetters().key_facts(samples.KEY_FACTS)

    reader = PdfReader(BytesIO(pdf))
    fonts = {
        str(font["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index] # pypdf's own tree
    }
    assert {name.split("+")[-1] for name in fonts} == {
        "NotoSans",
        "NotoSansBold",
        "NotoSansDevanagari",
        "NotoSansDevanagariBold",
    }
    assert "₹20,000.00" in reader.pages[0].extract_text()


def test_no_character_of_a_letter_is_missing_from_the_fonts() -> None:
    letters = PdfLetters()

    assert missing_glyphs(letters.key_facts(samples.KEY_FACTS)) == set()
    assert missing_glyphs(letters.agreement(samples.AGREEMENT)) == set()
    assert missing_glyphs(letters.no_dues(samples.NO_DUES)) == set()


def missing_glyphs(pdf: bytes) -> set[str]:
    """Return the embedded fonts that had to show U+FFFD for a character they lack."""
    found = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index] # pypdf's own tree
            mapping = font["/ToUnicode"].get_data().decode("latin-1")
            if "<FFFD>" in mapping.upper():
                found.add(str(font["/BaseFont"]))
    return found


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_fonts_cover_what_letters_print(weight: str) -> None:
    latin = TTFont(FONTS / f"NotoSans-{weight}.ttf").getBestCmap()
    devanagari = TTFont(FONTS / f"NotoSansDevanagari-{weight}.ttf").getBestCmap()
    printed = {
        char
        for lines in (samples.AGREEMENT.key_facts, samples.FACTS.contingent)
        for line in lines
        for char in line.label + line.local + line.value
    }

    for char in printed | set("₹·×–—…\u2018\u2019“”•{}<>&@\ufffd"):
        cmap = devanagari if "\u0900" <= char <= "\u097f" else latin
        assert ord(char) in cmap, f"{char!r} is not in the {weight} fonts"


def test_a_character_without_a_glyph_is_shown_as_unknown_not_dropped() -> None:
    letter = attrs.evolve(
        samples.NO_DUES, borrower=attrs.evolve(samples.BORROWER, name="Asha \u0b95 \u202eRao")
    )

    assert "Asha \ufffd Rao" in pages(PdfLetters().no_dues(letter))[0]


def test_the_licence_ships_beside_the_fonts() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / "OFL.txt").read_text()


def test_a_settled_loan_gets_no_certificate_that_nothing_was_due() -> None:
    letter: NoDuesLetter = attrs.evolve(samples.NO_DUES, waived_paise=1_500_00)

    text = pages(PdfLetters().no_dues(letter))[0].replace("\n", " ")

    assert "Settlement Letter" in text
    assert "waived the remaining ₹1,500.00" in text
    assert "Nothing is due" not in text


@settings(max_examples=15)
@given(
    st.text(st.characters(codec="utf-8"), max_size=1500),
    st.text(alphabet="अआइकखग\u093f\u094d\u0902 ab1\n", max_size=400),
)
def test_any_text_can_be_printed(value: str, local: str) -> None:
    terms = (Line(label="Anything", value=value, local=local),)
    letter = attrs.evolve(samples.AGREEMENT, terms=terms)

    assert PdfLetters().agreement(letter).startswith(b"%PDF")
