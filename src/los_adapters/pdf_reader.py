"""Text out of a PDF file from outside, in a child process that is killed when it takes too much.

A PDF may be built to exhaust whoever opens it. The parent only counts bytes; everything that
interprets the file happens in `python -m los_adapters.pdf_reader`, which limits its own memory,
processor time and files before it imports a parser, has no secrets in its environment, and answers
with one JSON document. Whatever goes wrong there is a refusal here. What the text means is for the
caller; nothing in this module knows of banks.

Text comes page by page in pypdf's layout mode: lines in which a character's column stands for its
place on the page, so that amounts keep their columns.
"""

import json
import os
import resource
import subprocess
import sys
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

import attrs

from los_core.ports.errors import Unavailable

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_BYTES = 10 * 2**20
MAX_PAGES = 200
MAX_TEXT = 8 * 2**20
MEMORY_BYTES = 512 * 2**20
CPU_S = 10
WALL_S = 20.0


class Fault(StrEnum):
    """Why a file could not be read."""

    TOO_LARGE = "TOO_LARGE"
    TOO_COMPLEX = "TOO_COMPLEX"
    DAMAGED = "DAMAGED"
    PASSWORD_REQUIRED = "PASSWORD_REQUIRED"  # noqa: S105 - the name of a refusal
    PASSWORD_WRONG = "PASSWORD_WRONG"  # noqa: S105 - the name of a refusal


class UnreadablePdf(Exception):
    """The file cannot be read; `fault` says why and the message repeats nothing of the file."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@attrs.frozen
class Pages:
    """The text of each page, top to bottom, and the file's information entries without slash."""

    texts: tuple[str, ...] = attrs.field(repr=False)
    info: dict[str, str] = attrs.field(repr=False)


def read_pages(
    pdf: bytes,
    *,
    password: str | None = None,
    memory_bytes: int = MEMORY_BYTES,
    cpu_s: int = CPU_S,
    wall_s: float = WALL_S,
) -> Pages:
    """Return the text of a PDF of at most 10 MB and 200 pages.

    The password goes to the child over its standard input and is not kept.
    Raises: UnreadablePdf: with the fault. Unavailable: the child could not be started.
    """
    if len(pdf) > MAX_BYTES:
        raise UnreadablePdf(Fault.TOO_LARGE, f"the file has more than {MAX_BYTES} bytes")
    if b"%PDF-" not in pdf[:1024]:
        raise UnreadablePdf(Fault.DAMAGED, "the file is not a PDF")
    head = {"password": password, "memory_bytes": memory_bytes, "cpu_s": cpu_s}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "los_adapters.pdf_reader"],
            input=json.dumps(head).encode() + b"\n" + pdf,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            timeout=wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired as err:
        raise UnreadablePdf(Fault.TOO_COMPLEX, f"reading took more than {wall_s} s") from err
    except OSError as err:
        raise Unavailable("the PDF reader could not be started", provider="local") from err
    return _answer(done.stdout, done.returncode)


def _answer(out: bytes, status: int) -> Pages:
    if status != 0:
        # Killed by a limit, or out of memory where not even an answer could be written.
        raise UnreadablePdf(Fault.TOO_COMPLEX, "reading went beyond the limits of the reader")
    try:
        answer = json.loads(out)
        if "fault" in answer:
            raise UnreadablePdf(Fault(answer["fault"]), str(answer["message"]))
        texts = tuple(str(text) for text in answer["texts"])
        return Pages(texts, {str(k): str(v) for k, v in answer["info"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise UnreadablePdf(Fault.DAMAGED, "the reader's answer was broken off") from err


def main() -> None:
    """Read a header line and a PDF from standard input, write the answer, within limits."""
    head = json.loads(sys.stdin.buffer.readline(64 * 1024))
    _limit(head["memory_bytes"], head["cpu_s"])
    pdf = sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        answer = _extract(pdf, head["password"])
    except UnreadablePdf as err:
        answer = {"fault": err.fault.value, "message": str(err)}
    except (MemoryError, RecursionError):
        answer = {"fault": Fault.TOO_COMPLEX.value, "message": "the file needs too much memory"}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def _limit(memory_bytes: int, cpu_s: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _extract(pdf: bytes, password: str | None) -> dict[str, object]:
    # Imported under the limits, and only in the child: the parent never loads a parser.
    from pypdf.errors import LimitReachedError, PyPdfError  # noqa: PLC0415

    try:
        reader = _opened(pdf, password)
        texts = _texts(reader)
        info = {str(key).lstrip("/"): str(value) for key, value in (reader.metadata or {}).items()}
    except (UnreadablePdf, MemoryError, RecursionError):
        raise
    except LimitReachedError as err:
        raise UnreadablePdf(Fault.TOO_COMPLEX, "a stream of the file unpacks to too much") from err
    except (PyPdfError, OSError) as err:
        raise UnreadablePdf(Fault.DAMAGED, "the file's structure is damaged") from err
    except Exception as err:  # a parser fails on hostile bytes in any way it likes
        raise UnreadablePdf(Fault.DAMAGED, f"the parser failed: {type(err).__name__}") from err
    return {"texts": texts, "info": info}


def _opened(pdf: bytes, password: str | None) -> "PdfReader":
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415

    reader = PdfReader(BytesIO(pdf))
    if reader.is_encrypted and reader.decrypt(password or "") is PasswordType.NOT_DECRYPTED:
        if password is None:
            raise UnreadablePdf(Fault.PASSWORD_REQUIRED, "the file is locked by a password")
        raise UnreadablePdf(Fault.PASSWORD_WRONG, "the password does not open the file")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadablePdf(Fault.TOO_LARGE, f"the file has more than {MAX_PAGES} pages")
    return reader


def _texts(reader: "PdfReader") -> list[str]:
    texts: list[str] = []
    for page in reader.pages:
        texts.append(page.extract_text(extraction_mode="layout"))
        if sum(map(len, texts)) > MAX_TEXT:
            raise UnreadablePdf(Fault.TOO_COMPLEX, "the file holds too much text")
    return texts


if __name__ == "__main__":
    main()
