"""Whether this process lives, is ready for requests, and reaches what it needs."""

import threading
import time
from collections.abc import Callable
from typing import Final, Literal

import structlog
from litestar import Response, Router
from litestar.di import NamedDependency

from los_http.auth import PUBLIC
from los_http.fields import View
from los_http.routes import get

KEPT_S: Final = 1.0
"""How long a look at something is good for: health checks never load it."""
LIMIT_S: Final = 0.5
"""How long a look may take: what has not answered by then is down."""

Ping = Callable[[], object]
"""Asks something whether it answers, and raises where it does not."""


class HealthView(View):
    """`cache` and `queue` are "embedded" where the process needs no server for them."""

    status: Literal["ok", "degraded", "down"]
    database: Literal["up", "down"]
    cache: Literal["embedded", "up", "down"]
    queue: Literal["embedded", "up", "down"]
    uptime_seconds: int


class AliveView(View):
    """The process answers; "down" is said where the database does not."""

    status: Literal["ok", "draining", "down"]


class Probe:
    """Looks whether something answers, at most once a second, and waits half a second at most."""

    def __init__(self, name: str, ping: Ping) -> None:
        self._name = name
        self._ping = ping
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._up = False
        self._look = threading.Thread()

    def up(self) -> bool:
        """Whether it answered. One that hangs is down until it answers again."""
        with self._lock:
            if time.monotonic() - self._looked >= KEPT_S:
                if not self._look.is_alive():
                    self._look = threading.Thread(target=self._answered, daemon=True)
                    self._up = False
                    self._look.start()
                self._look.join(LIMIT_S)
                if self._look.is_alive():
                    self._up = False
                    structlog.get_logger("los.http").warning(self._name, said="nothing")
                self._looked = time.monotonic()
            return self._up

    def _answered(self) -> None:
        try:
            self._ping()
            self._up = True
        except Exception as err:  # noqa: BLE001 - any failure means "down", and is logged
            structlog.get_logger("los.http").warning(self._name, said=type(err).__name__)


class Pulse:
    """The state of this process: whether it drains, and whether what it needs is there.

    Without the database nothing works; without cache or queue everything does, less quickly.
    """

    def __init__(
        self, *, database: Ping, cache: Ping | None = None, queue: Ping | None = None
    ) -> None:
        """`cache` and `queue` are None where the process needs no server for them."""
        self.draining = False
        self._begun = time.monotonic()
        self._database = Probe("database", database)
        self._cache = None if cache is None else Probe("cache", cache)
        self._queue = None if queue is None else Probe("queue", queue)

    def drain(self) -> None:
        """Be no longer ready: requests under way finish, new ones go elsewhere."""
        self.draining = True

    def database_up(self) -> bool:
        """Whether the database answers."""
        return self._database.up()

    def health(self) -> HealthView:
        """Tell how everything is."""
        database = _word(self._database.up())
        cache, queue = _told(self._cache), _told(self._queue)
        degraded = "down" in (cache, queue)
        return HealthView(
            status="down" if database == "down" else "degraded" if degraded else "ok",
            database=database,
            cache=cache,
            queue=queue,
            uptime_seconds=int(time.monotonic() - self._begun),
        )


def router() -> Router:
    """Return the routes of this file."""
    return Router("/health", tags=["Health"], route_handlers=[health, live, ready])


@get("/", PUBLIC)
def health(pulse: NamedDependency[Pulse]) -> Response[HealthView]:
    """Tell how database, cache and queue are; 503 where the database does not answer."""
    view = pulse.health()
    return Response(view, status_code=503 if view.status == "down" else 200)


@get("/live", PUBLIC)
def live() -> AliveView:
    """Answer, as long as the process can."""
    return AliveView(status="ok")


@get("/ready", PUBLIC)
def ready(pulse: NamedDependency[Pulse]) -> Response[AliveView]:
    """Tell whether requests are welcome; 503 while the process shuts down or has no database."""
    if pulse.draining:
        return Response(AliveView(status="draining"), status_code=503)
    if not pulse.database_up():
        return Response(AliveView(status="down"), status_code=503)
    return Response(AliveView(status="ok"))


def _word(up: bool) -> Literal["up", "down"]:  # noqa: FBT001 # it is the whole argument
    return "up" if up else "down"


def _told(probe: Probe | None) -> Literal["embedded", "up", "down"]:
    return "embedded" if probe is None else _word(probe.up())
