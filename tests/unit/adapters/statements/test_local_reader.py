"""The embedded reader on statements altered after the bank made them, and on hostile files."""

import zlib
from datetime import date, timedelta
from io import BytesIO

import attrs
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from los_adapters.pdf_reader import Fault, UnreadablePdf, read_pages
from los_adapters.sandbox.statements import (
    Emi,
    Layout,
    Lent,
    StatementStory,
    statement_of,
    statement_pdf,
)
from los_adapters.statement.local import LocalStatementReader
from los_core.domain.statement import Reason, analyse, breaks
from los_core.testing.statement import refusal, without_blanks

UNTIL = date(2026, 11, 24)
STORY = StatementStory(
    holder="ROHAN DESHPANDE",
    account_no="50100123454321",
    ifsc="HDFC0000123",
    branch="BANER",
    address=("FLAT 12 SAI KRUPA SOCIETY", "KOTHRUD", "PUNE 411038"),
    employer="ACME TECHNOLOGIES PRIVATE LIMITED",
    salary=42_000_00,
    salary_day=1,
    opening=12_345_67,
    rent=11_000_00,
)

stories = st.builds(
    StatementStory,
    holder=st.sampled_from(("ASHA RAO", "MOHAMMED IRFAN KHAN", "S. LAKSHMI")),
    account_no=st.from_regex(r"[1-9][0-9]{10,13}", fullmatch=True),
    ifsc=st.just("SBIN0001234"),
    branch=st.just("KOTHRUD"),
    address=st.just(("12 MG ROAD", "PUNE 411001")),
    employer=st.sampled_from(("INFOSYS LIMITED", "SHREE GANESH ENTERPRISES", "TCS")),
    salary=st.sampled_from((0, 18_500_00, 1_25_000_50)),
    salary_day=st.sampled_from((1, 7, 28, 31)),
    salary_swing=st.sampled_from((0, 900_00)),
    opening=st.integers(0, 9_99_999_99),
    living=st.integers(0, 40_000_00),
    rent=st.sampled_from((0, 9_000_00)),
    emis=st.lists(
        st.builds(
            Emi,
            lender=st.sampled_from(("BAJAJ FINANCE LTD", "HDB FINANCIAL SERVICES")),
            amount=st.integers(500_00, 9_000_00),
            day=st.integers(1, 31),
            bounced=st.sampled_from(((), (0,), (1, 2))),
        ),
        max_size=2,
    ).map(tuple),
    loans=st.sampled_from(((), (Lent(lender="KREDITBEE", amount=25_000_00, months_ago=1),))),
    cash_deposits=st.sampled_from((0, 5_000_00)),
    gambling=st.sampled_from((0, 1_500_00)),
)


@settings(max_examples=12)
@given(
    stories,
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(1, 7),
    st.sampled_from(("HDFC", "SBI")),
)
def test_every_row_of_any_story_is_read_back(
    story: StatementStory, until: date, months: int, layout: Layout
) -> None:
    truth = statement_of(story, until=until, months=months, layout=layout)
    pdf = statement_pdf(story, until=until, months=months, layout=layout)

    if not truth.rows:
        assert refusal(LocalStatementReader(), pdf, password=None) is Reason.NO_TXN
        return
    read = LocalStatementReader().read(pdf, password=None)

    assert without_blanks(read) == without_blanks(truth)
    assert breaks(read) == ()
    assert analyse(read, months=months).months_covered <= months


@pytest.mark.parametrize("layout", ["HDFC", "SBI"])
def test_equal_stories_make_equal_files(layout: Layout) -> None:
    once = statement_pdf(STORY, until=UNTIL, months=3, layout=layout)
    assert once == statement_pdf(attrs.evolve(STORY), until=UNTIL, months=3, layout=layout)


@pytest.mark.parametrize("layout", ["HDFC", "SBI"])
def test_an_amount_changed_in_the_file_is_found(layout: Layout) -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=3, layout=layout)

    read = LocalStatementReader().read(edited(pdf, b"(42,000.00)", b"(92,000.00)"), password=None)

    assert breaks(read) != ()
    assert analyse(read, months=3).is_tampered


def test_a_row_cut_out_of_the_middle_is_found() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=3, layout="HDFC")
    first = statement_of(STORY, until=UNTIL, months=3, layout="HDFC").rows[3]
    day = f"({first.on:%d/%m/%y})".encode()

    read = LocalStatementReader().read(edited(pdf, day, b"()"), password=None)

    assert analyse(read, months=3).is_tampered


def test_totals_unlike_the_rows_are_marked() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=3, layout="HDFC")
    count = sum(
        1 for row in statement_of(STORY, until=UNTIL, months=3, layout="HDFC").rows if row.debit
    )

    read = LocalStatementReader().read(
        edited(pdf, f"({count})".encode(), f"({count + 1})".encode()), password=None
    )

    assert "TOTALS_MISMATCH" in read.marks


def test_a_file_written_by_an_editor_is_marked() -> None:
    writer = PdfWriter(
        clone_from=BytesIO(statement_pdf(STORY, until=UNTIL, months=1, layout="SBI"))
    )
    writer.add_metadata({"/Producer": "iLovePDF", "/ModDate": "D:20261201090000Z"})

    read = LocalStatementReader().read(written(writer), password=None)

    assert read.marks == ("METADATA_EDITED",)


def test_a_statement_whose_balances_prove_nothing_is_refused() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=1, layout="SBI")
    forged = pdf
    for row in statement_of(STORY, until=UNTIL, months=1, layout="SBI").rows[::2]:
        printed = f"{row.balance // 100 % 1000:03d}.{row.balance % 100:02d})".encode()
        forged = edited(forged, printed, b"111.11)")

    assert refusal(LocalStatementReader(), forged, password=None) is Reason.BALANCE_UNPROVEN


def test_a_picture_of_a_statement_is_refused_as_scanned() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 100, 100, style="F")

    assert (
        refusal(LocalStatementReader(), bytes(pdf.output()), password=None) is Reason.SCANNED_IMAGE
    )


def test_another_document_is_refused_as_no_statement() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text="Date  Narration  Balance of my heart")

    reason = refusal(LocalStatementReader(), bytes(pdf.output()), password=None)

    assert reason is Reason.UNSUPPORTED_FORMAT


def test_a_statement_of_a_century_is_refused() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=1, layout="HDFC")
    start = (UNTIL + timedelta(days=1)).replace(month=10)
    old = edited(pdf, f"{start:%d/%m/%Y} To".encode(), b"01/01/1926 To")

    assert refusal(LocalStatementReader(), old, password=None) is Reason.OUT_OF_RANGE


def test_a_file_without_pages_is_refused() -> None:
    assert refusal(LocalStatementReader(), written(PdfWriter()), password=None) in {
        Reason.SCANNED_IMAGE,
        Reason.DAMAGED,
    }


def test_more_than_ten_megabytes_are_not_even_opened() -> None:
    pdf = b"%PDF-1.7\n" + bytes(10 * 2**20)
    assert refusal(LocalStatementReader(), pdf, password=None) is Reason.TOO_LARGE


def test_more_than_two_hundred_pages_are_refused() -> None:
    writer = PdfWriter()
    for _ in range(201):
        writer.add_blank_page(100, 100)

    assert refusal(LocalStatementReader(), written(writer), password=None) is Reason.TOO_LARGE


@pytest.mark.parametrize("layers", [1, 2])
def test_a_stream_that_unpacks_to_gigabytes_is_refused(layers: int) -> None:
    packed = zlib.compress(bytes(300 * 2**20), 9)
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)

    pdf = with_content(packed, filters="[" + "/FlateDecode " * layers + "]")

    assert len(pdf) < 2**20
    assert refusal(LocalStatementReader(), pdf, password=None) is Reason.TOO_COMPLEX


def test_a_page_that_takes_for_ever_is_killed_by_the_processor_limit() -> None:
    work = zlib.compress(b"BT /F1 9 Tf 1 0 0 1 9 9 Tm (x) Tj ET\n" * 1_000_000, 9)
    pdf = with_content(work, filters="/FlateDecode")

    with pytest.raises(UnreadablePdf) as refused:
        read_pages(pdf, cpu_s=1)

    assert refused.value.fault is Fault.TOO_COMPLEX


def test_a_reader_without_memory_refuses_rather_than_fails() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=1, layout="SBI")

    with pytest.raises(UnreadablePdf) as refused:
        read_pages(pdf, memory_bytes=40 * 2**20)

    assert refused.value.fault is Fault.TOO_COMPLEX


def test_a_wall_clock_limit_ends_the_child() -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=1, layout="SBI")

    with pytest.raises(UnreadablePdf, match="took more than") as refused:
        read_pages(pdf, wall_s=0.001)

    assert refused.value.fault is Fault.TOO_COMPLEX


def test_pages_that_contain_themselves_are_refused() -> None:
    pdf = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    assert refusal(LocalStatementReader(), pdf, password=None) is not None


@settings(max_examples=10)
@given(st.binary(max_size=3000), st.integers(0, 10**6))
def test_bytes_written_over_a_statement_never_escape_as_anything_but_a_refusal(
    noise: bytes, at: int
) -> None:
    pdf = statement_pdf(STORY, until=UNTIL, months=1, layout="HDFC")
    at %= len(pdf)

    refusal(LocalStatementReader(), pdf[:at] + noise + pdf[at + len(noise) :], password=None)


def edited(pdf: bytes, old: bytes, new: bytes) -> bytes:
    """Return the file with text of its pages replaced, as an editor would do it."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    changed = False
    for page in writer.pages:
        content = page.get_contents()
        assert content is not None
        data = content.get_data()
        changed = changed or old in data
        stream = StreamObject()
        stream.set_data(data.replace(old, new))
        page[NameObject("/Contents")] = writer._add_object(stream)  # noqa: SLF001 - no public way
    assert changed, f"{old!r} is not in the file"
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_content(content: bytes, *, filters: str) -> bytes:
    """Return a one-page file with this content stream."""
    parts = [
        b"%PDF-1.4\n",
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources",
        b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n",
        f"4 0 obj<</Length {len(content)}/Filter {filters}>>stream\n".encode(),
        content,
        b"\nendstream endobj\n",
    ]
    body = b"".join(parts)
    offsets = [body.index(f"{number} 0 obj".encode()) for number in range(1, 5)]
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    tail = f"trailer<</Size 5/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF".encode()
    pdf = body + table + tail
    assert len(PdfReader(BytesIO(pdf)).pages) == 1
    return pdf
