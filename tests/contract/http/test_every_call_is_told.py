"""Every call that was let in is in the trail: by whom, what, and about what."""

import pytest
from tests.contract.http.driven import Asked, Driven

from los_core.services.call_log import COMMAND, READ, REFUSED

pytestmark = pytest.mark.xdist_group("http-driven")


def test_every_call_with_a_token_is_told(driven: Driven) -> None:
    let_in = [each for each in driven.asked if each.op.audience and each.answer.status_code != 401]
    untold = [each for each in let_in if not _is_told(each)]

    assert len(let_in) > 100
    assert untold == [], "\n".join(
        f"{each.op.name} {each.answer.status_code} {each.rows}" for each in untold
    )


def test_most_operations_were_carried_out(driven: Driven) -> None:
    names = {each.op.name for each in driven.asked}
    done = {each.op.name for each in driven.asked if each.answer.status_code < 400}

    assert len(done) * 10 > len(names) * 6, sorted(names - done)


def _is_told(asked: Asked) -> bool:
    """Whether a row names the route and the actor, as what it was."""
    action = REFUSED if asked.answer.status_code >= 400 else COMMAND
    if asked.op.method == "GET" and asked.answer.status_code < 400:
        action = READ
    wanted = (f"{asked.op.method} {asked.op.path}'", asked.actor, action)
    return any(all(part in row for part in wanted) for row in asked.rows)
