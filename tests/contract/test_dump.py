"""A thief with the whole database and the files, but no key, learns nobody's numbers.

A lender's life is lived with a thousand planted PANs, phones, Aadhaar and account numbers; then
everything that was written is laid open and searched.
"""

import base64
import gzip
import json
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
import structlog
from sqlalchemy import select
from tests.contract.http.filling import hire
from tests.contract.http.installation import Installation, opened
from tests.contract.http.lending import lend
from tests.contract.http.people import Person
from tests.contract.laid_open import layers, normalised, statements

from los_adapters.config import LogSettings
from los_adapters.logging import configure
from los_adapters.pdf.letters import PdfLetters
from los_adapters.store import tables
from los_core.domain.access import Role
from los_core.domain.agreement import DocumentType
from los_core.domain.lifecycle import Status

PEOPLE = 126
"""On each database, with four numbers each: more than a thousand in all."""
SHOWN = {DocumentType.BANK_STATEMENT, DocumentType.AGREEMENT, DocumentType.SIGNED_AGREEMENT}
"""Files that must show the numbers: the customer's own statement, and what the customer signs."""
SEARCHED = re.compile(r'INSERT INTO "?customer_(?:search|fts)')
"""The one place where phones stand plain, to be found by a part of them (data model §2)."""
WITH_PHONES = {"search", "pages"}
NUMBERS = re.compile(rb"98220\d{5}|ABCPE\d{4}F|2341234\d{5}|501001234\d{5}")
"""What the numbers of the people of these tests look like."""


@attrs.frozen
class Remains:
    """What is left behind: by name, what was written."""

    written: dict[str, bytes]
    people: tuple[Person, ...]

    def leaks(self) -> dict[str, set[bytes]]:
        """Return where numbers of the people stand, and which."""
        planted = {text.encode() for person in self.people for text in numbers(person)}
        phones = {person.phone.encode() for person in self.people}
        found = {
            name: set(_numbers(data)) & (planted - phones if name in WITH_PHONES else planted)
            for name, data in self.written.items()
        }
        return {name: values for name, values in found.items() if values}


def numbers(person: Person) -> tuple[str, ...]:
    return person.phone, person.pan, person.aadhaar, person.account


def _numbers(data: bytes) -> Iterator[bytes]:
    for layer in layers(data):
        yield from NUMBERS.findall(layer)
        yield from NUMBERS.findall(normalised(layer))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'los.db'}"
    made: str = request.getfixturevalue("make_pg_url")()
    return made


@pytest.fixture
def everything_logged(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure(LogSettings(level="DEBUG", format="json"))
    yield capfd
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_numbers_stand_nowhere_in_the_clear(
    url: str, tmp_path: Path, everything_logged: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    with opened(url, folder=folder, letters=PdfLetters()) as made:
        _live(made)
        shown = _shown(made)
        people = tuple(Person(number=number) for number in range(1, made.people + 1))
    searched, rest = _dump(url)
    written = {"dump": rest, "search": searched, "log": everything_logged.readouterr().err.encode()}
    if url.startswith("sqlite"):
        written["pages"] = b"".join(path.read_bytes() for path in tmp_path.glob("los.db*"))
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    written |= {name: path.read_bytes() for name, path in files.items() if name not in shown}
    written["names of files"] = "\n".join(files).encode()
    assert len(people) * len(numbers(people[0])) > 500
    assert len(files) > len(shown) > 0
    assert Remains(written, people).leaks() == {}


def test_the_search_finds_what_is_wrapped() -> None:
    person = Person(number=7)
    plain = f"of +91 {person.phone[:5]}-{person.phone[5:]}, abcpe 1007 f".encode()
    wrapped = {
        "plain": plain,
        "gzip in base64": base64.b64encode(gzip.compress(plain)),
        "a PDF's stream": b"%PDF-1.7\nstream\n" + zlib.compress(plain) + b"\nendstream\n",
        "hexadecimal": plain.hex().encode(),
        "base64 of JSON": base64.urlsafe_b64encode(json.dumps({"a": person.account}).encode()),
    }
    assert Remains(wrapped, (person,)).leaks().keys() == wrapped.keys()


def _live(made: Installation) -> None:
    """Lend to many: most apply, some go the whole way, and people write what they should not."""
    lender = made.ours
    for role in Role:
        hire(made, lender, role)
    for _ in range(2):
        lend(made, lender, Status.COMPLETED)
    lend(made, lender, Status.DISBURSED)
    _careless(made)
    while made.people < PEOPLE:
        lend(made, lender, Status.SUBMITTED)
    made.run_jobs()


def _careless(made: Installation) -> None:
    """Have numbers come where nobody expects them: remarks, vendors' messages, errors."""
    lender, services = made.ours, made.services
    who = lend(made, lender, Status.MANUAL_REVIEW)
    assert who.loan_id is not None
    loan, told = made.loan(lender, who.loan_id), " ".join(numbers(who.person))
    services.underwriting.reject(
        lender.staff[Role.ADMIN],
        loan.id,
        version=loan.version,
        reasons=["R001_AGE"],
        remark=f"called +91 {who.person.phone}, gave {told}",
    )
    signed = lender.borrowers[Status.DISBURSED]
    assert signed.loan_id is not None
    with services.begin(lender.id) as uow:
        agreement = uow.agreements.of_loan(signed.loan_id)
    assert agreement is not None
    services.agreements.callback(
        agreement.callback_token,
        {"authorization": agreement.callback_secret},
        json.dumps({"signer": numbers(signed.person)}).encode(),
    )


def _shown(made: Installation) -> set[str]:
    with made.engine.connect() as connection:
        query = select(tables.file.c.key).where(tables.file.c.type.in_(SHOWN))
        return set(connection.execute(query).scalars())


def _dump(url: str) -> tuple[bytes, bytes]:
    """Return the statements that fill the search table, and all the others."""
    lines = statements(url)
    searched = [line for line in lines if SEARCHED.match(line)]
    rest = [line for line in lines if not SEARCHED.match(line)]
    return "\n".join(searched).encode(), "\n".join(rest).encode()
