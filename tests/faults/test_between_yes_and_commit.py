"""A kill in the narrowest place: the vendor has done it, and we have not committed that it has.

The sandbox does as asked and then says nothing; while the caller waits for its answer it is killed.
Whatever a vendor can be asked about by our reference happened once all the same. A docket and a
message cannot: they go out again, and it is on record.
"""

import json
from collections import Counter
from typing import Any

import attrs
import httpx
import pytest
from tests.faults.conftest import Note
from tests.faults.test_kills import same_books
from tests.journeys.stage import Books, Stage
from tests.journeys.verdict import nobody_was_paid_twice

from los_cli.demo.script import steps

pytestmark = pytest.mark.timeout(600)


@attrs.frozen(kw_only=True)
class Case:
    """In a step, a vendor's operation, the table where it shows, and the child that was asking."""

    step: str
    vendor: str
    operation: str
    table: str
    child: str


CASES = (
    Case(
        step="Asha proves account, work and income",
        vendor="razorpayx",
        operation="POST /v1/fund_accounts/validations",
        table="razorpayx",
        child="api",
    ),
    Case(
        step="Asha signs",
        vendor="signzy",
        operation="POST /api/v3/contract/initiate",
        table="signzy",
        child="api",
    ),
    Case(
        step="Asha is paid out",
        vendor="idfc",
        operation="POST /paymenttxns/v1/fundTransfer",
        table="idfc",
        child="worker",
    ),
    Case(
        step="Asha pays instalment 1 by UPI",
        vendor="razorpay",
        operation="POST /v1/orders",
        table="razorpay-orders",
        child="api",
    ),
    Case(
        step="Asha pays instalment 2, reported twice",
        vendor="msg91",
        operation="POST /api/v5/flow",
        table="_messages",
        child="worker",
    ),
    Case(
        step="Asha pays the last instalment",
        vendor="mail",
        operation="POST /send",
        table="_messages",
        child="worker",
    ),
)


def test_what_a_vendor_did_unseen_is_not_done_again_or_is_on_record(
    stage: Stage, undisturbed: Books, note: Note
) -> None:
    names = [step.name for step in steps()]
    for case in CASES:
        stage.start("--resume", f"--pause-at={names.index(case.step)}")
        assert stage.wait() is None, stage.said()
        _switch_on(stage, case, "drop_after")
        before = _done(stage, case)
        stage.go_on()
        assert stage.until(lambda: _done(stage, case) > before), stage.said()  # noqa: B023 # called at once
        stage.kill(case.child)
    assert stage.run("--resume") == 0, stage.said()
    repeats = same_books(stage, undisturbed)
    books = stage.books()
    orders = Counter(o["receipt"] for o in books.vendors["razorpay-orders"].values())
    assert set(orders.values()) == {1}, "an order was made twice at the gateway"
    note("killed between a vendor's yes and our commit:")
    for repeat in repeats:
        note(f"  {repeat}")
    assert [repeat.split(" ")[0] for repeat in repeats] == ["SMS", "EMAIL", "agreement"]


def test_an_order_that_never_reached_the_bank_is_made_again_only_after_a_day(
    stage: Stage, note: Note
) -> None:
    [case] = [case for case in CASES if case.vendor == "idfc"]
    number = [step.name for step in steps()].index(case.step)
    stage.start(f"--pause-at={number}")
    assert stage.wait() is None, stage.said()
    before = stage.business_offset()
    _switch_on(stage, case, "drop_before")
    stage.go_on()
    assert stage.until(lambda: not _sandbox(stage, "GET")), stage.said()
    stage.kill(case.child)
    assert stage.run("--resume", f"--until={number + 1}") == 0, stage.said()
    books = stage.books()
    nobody_was_paid_twice(books)
    attempts = sorted((p["attempt"], p["stage"]) for p in books.payouts)
    assert attempts == [(1, "FAILED"), (2, "SUCCESS")]
    assert stage.business_offset() - before > 86_400
    note("an order cut off before the bank: made again after a day, one transfer")


def _done(stage: Stage, case: Case) -> int:
    """Return how often the vendor did it so far."""
    rows = stage.books_of_vendors().get(case.table, {}).values()
    return sum(row.get("vendor", case.vendor) == case.vendor for row in rows)


def _switch_on(stage: Stage, case: Case, kind: str) -> None:
    """Have the vendor fall silent at the next such call: after doing as asked, or before."""
    fault = {"vendor": case.vendor, "kind": kind, "operation": case.operation, "times": 1}
    assert _sandbox(stage, "POST", json=fault)


def _sandbox(stage: Stage, method: str, **request: Any) -> Any:
    """Ask the sandbox about its fault switches, or set one."""
    ports = json.loads((stage.folder / "memory.json").read_text())["ports"]
    url = f"http://127.0.0.1:{ports['sandbox']}/_sandbox/faults"
    answer = httpx.request(method, url, trust_env=False, **request)
    assert answer.is_success, answer.text
    return answer.json()
