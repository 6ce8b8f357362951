"""One installation that dies at a named point, is started again, and goes on: by forks.

This process is warm: everything is imported, a lender with loans stands in a SQLite file, and the
vendors are the fakes of this process, which outlive whoever asks them. For each run a fork takes
a copy of all of it – the world – and forks in turn the process that dies and the one that goes on.
Only real deaths: the kernel ends the process, as kill -9 does.
"""

import os
import pickle
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Final

import attrs
from tests.contract.http.installation import Fakes, services_over
from tests.contract.http.people import Lender
from tests.faults.driver import scratch

from los_adapters import failpoints
from los_adapters.clock import FixedClock
from los_adapters.directory import FixedDirectory
from los_adapters.heads.disk import DiskHeads
from los_adapters.jobs import attempts
from los_adapters.keys import Keys
from los_adapters.storage.memory import MemoryStorage
from los_adapters.store.engine import connect
from los_adapters.store.watching import watch
from los_core.domain.errors import Conflict
from los_core.ports import directory as ports
from los_core.ports.directory import Chosen
from los_core.ports.errors import ProviderError
from los_core.services import Services
from los_workers import presence

LATER_S: Final = (2, 5, 10, 30, 60, 60, 130)
"""How time passes after the last step: everything has to be over in five minutes."""
TICK: Final = timedelta(seconds=10)
BUSY_CODES: Final = ("IN_PROGRESS",)


_SEE: Final = "?"
"""Asks what an attribute is; see `World._seen`."""


class Remote:
    """A vendor, or the storage, of the world: each call goes there and waits for its answer."""

    def __init__(self, wire: Connection, name: str) -> None:
        self._wire = wire
        self._name = name

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        is_method, value = self._ask(_SEE, method)
        return (lambda *args, **named: self._ask(method, *args, **named)) if is_method else value

    def _ask(self, method: str, *args: Any, **named: Any) -> Any:
        self._wire.send((self._name, method, args, named))
        answered, answer = self._wire.recv()
        if not answered:
            raise answer
        return answer


@attrs.frozen(kw_only=True)
class Process:
    """What runs and may die: services of its own over the file, vendors over the wire."""

    services: Services
    clock: FixedClock
    play: Remote
    """What people and vendors do by themselves; see `World.plays`."""

    def run_jobs(self, *later_s: float) -> None:
        """Run what is due now, and what falls due while these times pass."""
        handlers = self.services.handlers()
        for seconds in (0, *later_s):
            self.clock.advance(timedelta(seconds=seconds))
            while due := self.services.platform.claim_jobs(
                limit=1, now=self.clock.now(), lease_s=attempts.LEASE_S, worker=presence.name()
            ):
                done = attempts.run(
                    due[0],
                    handlers,
                    platform=self.services.platform,
                    clock=self.clock,
                    jitter=lambda: 1.0,
                )
                if done.error is not None and not isinstance(done.error, ProviderError):
                    raise done.error


Step = Callable[[Process], None]
"""Something a person, a vendor or the clock does; it stands being done again."""


@attrs.define(kw_only=True)
class World:
    """What outlives a process: the file, the vendors, how far people have come.

    `plays` are done here, by a vendor or a customer; each is done once and remembered.
    """

    file: Path
    clock: FixedClock
    keys: Keys
    fakes: Fakes
    storage: MemoryStorage
    lender: Lender
    plays: Mapping[str, Callable[["World"], Any]] = attrs.field(factory=dict)
    calls: "Counter[str]" = attrs.field(factory=Counter)
    played: dict[str, Any] = attrs.field(factory=dict)
    steps_done: int = 0

    def live(self, steps: tuple[Step, ...], point: str) -> list[str]:
        """Take the steps with a process that dies at `point`; go on with another.

        Returns the points reached by the first. An empty `point` lets it live, to the end.
        """
        reached, died = self._fork(steps, point)
        if died:
            _, died = self._fork(steps, "")
            assert not died, "only the first process is to die"
        return reached

    def _fork(self, steps: tuple[Step, ...], point: str) -> tuple[list[str], bool]:
        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _as_process(self, steps, point, theirs)
        theirs.close()
        reached, fault = self._serve(ours)
        _, status = os.waitpid(pid, 0)
        assert not fault, fault
        return reached, os.WIFSIGNALED(status)

    def _serve(self, wire: Connection) -> tuple[list[str], str]:
        """Answer until the process has ended; return the points it told of, and its fault."""
        reached: list[str] = []
        fault = ""
        while True:
            try:
                name, method, args, named = wire.recv()
            except (EOFError, ConnectionResetError):
                return reached, fault
            if name == "reached":
                reached.append(method)
            elif name == "fault":
                fault = method
            elif name == "step":
                self.steps_done += 1
                self.clock.move_to(args[0])
            elif method == _SEE:
                wire.send((True, self._seen(name, *args)))
            else:
                self.calls[f"{name}.{method}"] += 1
                wire.send(self._answer(name, method, args, named))

    def _seen(self, name: str, attribute: str) -> tuple[bool, Any]:
        """Return whether an attribute is a method, and its value if it is none."""
        if name == "play":
            return True, None
        found = getattr(self._thing(name), attribute)
        return (True, None) if callable(found) else (False, found)

    def _thing(self, name: str) -> Any:
        return self.storage if name == failpoints.STORAGE else _FAKES[name](self.fakes)

    def _answer(
        self, name: str, method: str, args: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[bool, Any]:
        try:
            if name == "play":
                if method not in self.played:
                    self.played[method] = self.plays[method](self)
                return True, self.played[method]
            return True, getattr(self._thing(name), method)(*args, **named)
        except Exception as error:  # noqa: BLE001 # it is the asker's
            return False, error


_FAKES: Final[Mapping[str, Callable[[Fakes], Any]]] = {
    ports.IDENTITY.name: lambda fakes: fakes.identity,
    ports.EMPLOYMENT.name: lambda fakes: fakes.employment,
    ports.BANK_ACCOUNT.name: lambda fakes: fakes.accounts,
    ports.BUREAU.name: lambda fakes: fakes.bureau,
    ports.ESIGN.name: lambda fakes: fakes.signer,
    ports.PAYMENT.name: lambda fakes: fakes.payments,
    ports.PAYOUT.name: lambda fakes: fakes.bank,
    ports.MESSAGE.name: lambda fakes: fakes.messages,
}


def apart(world: World, what: Callable[[World], Any]) -> Any:
    """Do something with a copy of the world, in a fork, and return what it returns.

    Raises: AssertionError: what went wrong there, in words.
    """
    with tempfile.TemporaryDirectory(prefix="los-world-", dir=scratch()) as folder:
        copy = Path(folder) / world.file.name
        shutil.copyfile(world.file, copy)
        return _in_a_fork(lambda: what(attrs.evolve(world, file=copy)))


def _in_a_fork(what: Callable[[], Any]) -> Any:
    ours, theirs = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        try:
            answer = (True, what())
        except BaseException:  # noqa: BLE001 # told to who asked
            answer = (False, traceback.format_exc())
        theirs.send_bytes(pickle.dumps(answer))
        os._exit(0)
    theirs.close()
    good, answer = pickle.loads(ours.recv_bytes())  # noqa: S301 # our own fork's
    os.waitpid(pid, 0)
    assert good, answer
    return answer


def _as_process(world: World, steps: tuple[Step, ...], point: str, wire: Connection) -> None:
    """Be a process of the installation: take up where the last one stopped. Does not return."""
    dies = failpoints.dying_at(point) if point else None

    def reach(name: str) -> None:
        wire.send(("reached", name, (), {}))
        if dies is not None:
            dies(name)

    try:
        process = _process(world, wire, reach)
        presence.give_back_of_the_dead(process.services.platform, process.clock)
        process.run_jobs()
        for step in steps[world.steps_done :]:
            _taken(process, step)
            wire.send(("step", "", (process.clock.now(),), {}))
        process.run_jobs(*LATER_S)
    except BaseException:  # noqa: BLE001 # told to the world
        wire.send(("fault", traceback.format_exc(), (), {}))
    wire.close()
    os._exit(0)


def _taken(process: Process, step: Step) -> None:
    """Take a step; one that is still being worked on by the dead is taken when it may be."""
    while True:
        try:
            step(process)
        except Conflict as conflict:
            if conflict.code not in BUSY_CODES:
                raise
            process.clock.advance(TICK)
            continue
        process.run_jobs()
        return


def _process(world: World, wire: Connection, reach: failpoints.Reach) -> Process:
    clock = FixedClock(world.clock.now())
    clock.advance(TICK)
    engine = connect(f"sqlite:///{world.file}")
    watch(engine, reach)
    vendors = {
        port: [
            Chosen("memory", "memory-account", failpoints.watched(Remote(wire, port), port, reach))
        ]
        for port in _FAKES
    }
    over = services_over(
        engine,
        world.keys,
        clock=clock,
        directory=FixedDirectory(vendors),
        storage=failpoints.watched(Remote(wire, failpoints.STORAGE), failpoints.STORAGE, reach),
        heads=DiskHeads(world.file.with_name("heads"), world.keys.audit),
    )
    return Process(services=over.services, clock=clock, play=Remote(wire, "play"))
