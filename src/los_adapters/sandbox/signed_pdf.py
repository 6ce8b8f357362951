"""A signed copy of a PDF, as the imitated signing service makes it.

The copy is the document with a last page that says who signed. It carries no certificate: there is
none to be had without an authority. Equal inputs give equal bytes.
"""

from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

_INDIA = ZoneInfo("Asia/Kolkata")


def is_readable(content: bytes) -> bool:
    """Say whether the bytes are a PDF with a page. Raises: PyPdfError: it is damaged."""
    return content.startswith(b"%PDF-") and len(PdfReader(BytesIO(content)).pages) > 0


def with_signature(document: bytes, *, name: str, at: datetime, last4: str) -> bytes:
    """Return the document with a page of signatures after its own."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(document)))
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    lines = (
        "Signed electronically by Aadhaar OTP",
        f"Name: {name}",
        f"Aadhaar: XXXX XXXX {last4}",
        f"At: {at.astimezone(_INDIA):%d-%b-%Y %H:%M:%S} IST",
    )
    stream = DecodedStreamObject()
    stream.set_data(_text(lines))
    page = writer.add_blank_page(width=595, height=842)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    page[NameObject("/Contents")] = writer._add_object(stream)  # noqa: SLF001 # pypdf's only way
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _text(lines: tuple[str, ...]) -> bytes:
    """Return a content stream that prints lines; a character outside Latin-1 becomes "?"."""
    shown = [line.encode("latin-1", "replace") for line in lines]
    escaped = [
        line.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") for line in shown
    ]
    printed = b" T* ".join(b"(" + line + b") Tj" for line in escaped)
    return b"BT /F1 12 Tf 18 TL 72 760 Td " + printed + b" ET"
