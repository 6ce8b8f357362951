"""The table of (route, bad input): every route of the OpenAPI document, every fault we know.

Each answer has the one shape, tells nothing of us or of anybody, and leaves every table as it was.
"""

import pytest
from structlog.testing import capture_logs
from tests.contract.http.asking import Asker
from tests.contract.http.bad_requests import Table
from tests.contract.http.operations import Operation, operations, undescribed
from tests.contract.http.samples import SAMPLES
from tests.contract.http.verdicts import TRACES, changed, essence, faults_of, told_values

from los_adapters.container import in_memory
from los_http.app import create_app

APP = create_app(in_memory().services)
OPERATIONS = operations(APP)


# Where a part beside a file is no text, the framework leaves the file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.name)
def test_bad_input_is_refused_in_one_shape_and_changes_nothing(
    asker: Asker, operation: Operation
) -> None:
    table = Table(made=asker.made, op=operation)
    secrets = (*asker.made.secrets(), *told_values(table.sample()))
    twins: dict[str, object] = {}
    faults = []

    asker.come_from_elsewhere()  # keys that are none are counted by address
    before = asker.books.read()
    for case in table.cases():
        with capture_logs() as log:
            answer = asker(case.ask)
        after = asker.books.read()

        found = list(faults_of(case, answer, secrets))
        known = TRACES if answer.status_code in (401, 403) else set()
        found += [f"{name} changed" for name in sorted(changed(before, after) - known)]
        found += [f"the log tells {secret!r}" for secret in secrets if secret in str(log)]
        if case.twin and twins.setdefault(case.twin, essence(answer)) != essence(answer):
            found.append(f"differs from its twins: {answer.text}")
        faults += [f"{case.name}: {fault}" for fault in found]
        before = after

    assert not faults, "\n".join(faults)


def test_every_route_is_in_the_document_but_those_of_its_page() -> None:
    assert undescribed(APP) == {
        "/schema",
        "/schema/openapi.json",
        "/schema/static/{file_path}",
        "/schema/{path}",
    }


def test_every_route_with_a_body_has_a_sound_sample_and_no_sample_is_left_over() -> None:
    with_body = {op.name for op in OPERATIONS if op.media_type == "application/json"}

    assert with_body == set(SAMPLES)
