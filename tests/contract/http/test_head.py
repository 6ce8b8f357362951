"""HEAD of everything that is read: what GET answers, without the body."""

import attrs
import pytest
from tests.contract.http.asking import Asker
from tests.contract.http.bad_requests import Table
from tests.contract.http.operations import Operation, operations

from los_adapters.container import in_memory
from los_http.app import create_app

READS = [
    op
    for op in operations(create_app(in_memory().services))
    if op.method == "GET" and not op.goes_on
]
"""All but what has no end: of a stream the head alone is asked, in its own test."""


@pytest.mark.parametrize("operation", READS, ids=lambda op: op.name)
def test_head_answers_as_get_without_the_body(asker: Asker, operation: Operation) -> None:
    ask = Table(made=asker.made, op=operation).sound()

    got, head = asker(ask), asker(attrs.evolve(ask, method="HEAD"))

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert set(head.headers) == set(got.headers)
    assert head.headers["content-type"] == got.headers["content-type"]
