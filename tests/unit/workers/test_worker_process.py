"""A worker process runs its loops side by side and ends them together, whatever ended one."""

import os
import signal
import threading

import attrs
import pytest

from los_adapters.container import InMemory
from los_workers.app import work

PATIENCE_S = 10


@attrs.define
class Loop:
    """A loop that can be told what to end with."""

    whole: bool | None = None
    error: Exception | None = None
    begun: threading.Event = attrs.field(factory=threading.Event)
    stopped: threading.Event = attrs.field(factory=threading.Event)

    def run(self) -> bool | None:
        self.begun.set()
        if self.error is not None:
            raise self.error
        assert self.stopped.wait(PATIENCE_S), "nobody stopped it"
        return self.whole

    def stop(self) -> None:
        self.stopped.set()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_every_loop(memory: InMemory, number: signal.Signals) -> None:
    one, two = Loop(), Loop(whole=True)
    loops = {"one": one, "two": two, "none": None}
    assert work(memory.services, loops, ready=lambda: os.kill(os.getpid(), number))
    assert one.stopped.is_set()
    assert two.stopped.is_set()


def test_a_loop_that_could_not_finish_is_told(memory: InMemory) -> None:
    assert not work(memory.services, {"one": Loop(whole=False), "two": Loop()}, ready=_end)


def test_a_loop_that_breaks_ends_the_others(memory: InMemory) -> None:
    other = Loop()
    loops = {"broken": Loop(error=RuntimeError("bug")), "other": other}
    assert not work(memory.services, loops, ready=lambda: None)
    assert other.stopped.is_set()


def test_it_is_ready_when_its_loops_are_at_work(memory: InMemory) -> None:
    loop = Loop()

    def ready() -> None:
        assert loop.begun.wait(PATIENCE_S)
        _end()

    assert work(memory.services, {"one": loop}, ready=ready)


def test_signals_are_as_before_when_it_is_over(memory: InMemory) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    work(memory.services, {"one": Loop()}, ready=_end)
    after = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert after == before
    assert signal.set_wakeup_fd(-1) == -1


def test_what_a_dead_neighbour_held_is_given_back_first(memory: InMemory) -> None:
    loop = Loop()
    work(memory.services, {"one": loop}, ready=_end)
    assert memory.services.platform.workers() == []
