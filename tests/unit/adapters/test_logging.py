"""What is logged shows no person and no secret, whoever logs it."""

import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog

from los_adapters.config import LogSettings
from los_adapters.logging import configure, hidden
from los_core.domain.redaction import HIDDEN


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "secret",
    [
        "ABCPE1234F",
        "abcpe1234f",
        "9822010101",
        "+91 98220 10101",
        "2341 2341 2346",
        "234123412346",
        "50100123456789",
        "Bearer abcdef123456",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "asha@mail.example",
    ],
)
def test_what_looks_like_a_person_or_a_secret_is_hidden(secret: str) -> None:
    assert hidden(f"told {secret} so") == f"told {HIDDEN} so"


@pytest.mark.parametrize(
    "plain",
    [
        str(UUID("01a21443-bfab-7169-8b29-1960dd68b312")),
        "LN-000042",
        "2026-11-25T19:51:41.737942Z",
        "amount 5000000",
        "payout.send",
        "los_core/services/disbursals.py:210",
        "Unavailable DOWN",
        "12 loans on 2026-11-25",
    ],
)
def test_ids_codes_dates_and_amounts_stay(plain: str) -> None:
    assert hidden(plain) == plain


def test_both_loggers_write_one_redacted_object_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(LogSettings(level="INFO", format="json"))
    structlog.get_logger("a").info("job.done", pan="ABCPE1234F", loan="LN-000042", count=3)
    logging.getLogger("b").warning("the phone %s is unknown", "9822010101")
    ours, theirs = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (ours["event"], ours["pan"], ours["loan"], ours["count"]) == (
        "job.done",
        HIDDEN,
        "LN-000042",
        3,
    )
    assert (theirs["event"], theirs["level"]) == (f"the phone {HIDDEN} is unknown", "warning")


def test_what_hangs_below_a_name_is_hidden_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    structlog.get_logger().info(
        "x", told={"password": "p", "deep": [{"otp": "123456"}]}, body=b"raw", to=["9822010101"]
    )
    line = json.loads(capsys.readouterr().err)
    assert line["told"] == {"password": HIDDEN, "deep": [{"otp": HIDDEN}]}
    assert (line["body"], line["to"]) == (HIDDEN, [HIDDEN])


def test_a_traceback_is_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings(format="json"))
    try:
        int("ABCPE1234F")
    except ValueError:
        structlog.get_logger().exception("bug")
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "ABCPE1234F" not in told


def test_clients_do_not_log_the_addresses_they_ask_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(LogSettings(level="INFO"))
    logging.getLogger("httpx").info("HTTP Request: GET https://x/?pan=ABCPE1234F")
    assert capsys.readouterr().err == ""
