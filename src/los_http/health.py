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
"""How long a look at the database is good for: health checks never load it."""


class HealthView(View):
    """`cache` is "embedded" where each process keeps its own."""

    status: Literal["ok", "down"]
    database: Literal["up", "down"]
    cache: Literal["embedded"]
    uptime_seconds: int


class AliveView(View):
    """The process answers."""

    status: Literal["ok", "draining"]


class Pulse:
    """The state of this process. `ping` raises where the database does not answer."""

    def __init__(self, *, ping: Callable[[], object]) -> None:
        self.draining = False
        self._ping = ping
        self._begun = time.monotonic()
        self._looked = float("-inf")
        self._up = False
        self._lock = threading.Lock()

    def drain(self) -> None:
        """Be no longer ready: requests under way finish, new ones go elsewhere."""
        self.draining = True

    @property
    def uptime_s(self) -> int:
        """Whole seconds since the start."""
        return int(time.monotonic() - self._begun)

    def database_up(self) -> bool:
        """Whether the database answered within the last second, asking it at most once in that."""
        with self._lock:
            if time.monotonic() - self._looked >= KEPT_S:
                try:
                    self._ping()
                    self._up = True
                except Exception as err:  # noqa: BLE001 - any failure means "down", and is logged
                    structlog.get_logger("los.http").warning("database", said=type(err).__name__)
                    self._up = False
                self._looked = time.monotonic()
            return self._up


def router() -> Router:
    """Return the routes of this file."""
    return Router("/health", tags=["Health"], route_handlers=[health, live, ready])


@get("/", PUBLIC)
def health(pulse: NamedDependency[Pulse]) -> Response[HealthView]:
    """Tell how database and cache are; 503 where the database does not answer."""
    up = pulse.database_up()
    view = HealthView(
        status="ok" if up else "down",
        database="up" if up else "down",
        cache="embedded",
        uptime_seconds=pulse.uptime_s,
    )
    return Response(view, status_code=200 if up else 503)


@get("/live", PUBLIC)
def live() -> AliveView:
    """Answer, as long as the process can."""
    return AliveView(status="ok")


@get("/ready", PUBLIC)
def ready(pulse: NamedDependency[Pulse]) -> Response[AliveView]:
    """Tell whether new requests are welcome; 503 while the process shuts down."""
    if pulse.draining:
        return Response(AliveView(status="draining"), status_code=503)
    return Response(AliveView(status="ok"))
