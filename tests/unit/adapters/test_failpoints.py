"""A fail-point ends the process at the time it names, and at no other."""

import pytest

from los_adapters.failpoints import dying_at, watched


@pytest.mark.parametrize(("text", "dies_at"), [("commit receipt", 1), ("commit receipt:3", 3)])
def test_a_point_ends_the_process_at_its_time_only(text: str, dies_at: int) -> None:
    reached: list[str] = []
    deaths: list[int] = []
    reach = dying_at(text, die=lambda: deaths.append(len(reached)))
    for _ in range(5):
        reached.append("commit receipt")
        reach("commit loan")
        reach(reached[-1])
    assert deaths == [dies_at]


def test_a_time_that_never_comes_is_refused() -> None:
    with pytest.raises(ValueError, match="the first time is 1"):
        dying_at("commit receipt:0")


def test_a_watched_thing_tells_before_and_after_each_call_and_not_after_a_failed_one() -> None:
    reached: list[str] = []
    thing = watched({"kept": 1}, "storage", reached.append)
    assert thing.get("kept") == 1
    with pytest.raises(KeyError):
        thing.pop("lost")
    assert reached == ["call storage.get", "called storage.get", "call storage.pop"]
