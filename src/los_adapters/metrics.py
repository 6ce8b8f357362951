"""Figures for Prometheus, on a listener of their own: `pip install 'los[metrics]'`.

Each process tells its own: what it answered, by route template and status, and what it lost. The
queue is everybody's: every process tells the same of it, so take the maximum over them. No label
holds an id, a path or anything a client chose. The listener has no guard: it listens on loopback
unless told otherwise, apart from the API, and is reached by whoever reaches its port.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from wsgiref.simple_server import WSGIServer

import attrs
from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@attrs.frozen
class Figure:
    """A number that is asked for when somebody looks; `queue` "" where it is of none."""

    name: str
    help: str
    value: float
    queue: str = ""


class Metrics:
    """The figures of one process."""

    def __init__(self, figures: Callable[[], Iterable[Figure]]) -> None:
        """`figures` is called at each look; what it raises leaves its figures out."""
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "los_http_request_seconds",
            "Requests answered, by method, route template and status",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Asked(figures))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Listen in a thread, and return what ends that. Raises: OSError: the port is taken."""
        server: Any
        server, thread = start_http_server(port, addr=host, registry=self._registry)

        def stop() -> None:
            assert isinstance(server, WSGIServer)
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


@attrs.frozen
class _Asked:
    figures: Callable[[], Iterable[Figure]]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for each in self.figures():
            labels = ["queue"] if each.queue else []
            family = families.setdefault(
                each.name, GaugeMetricFamily(each.name, each.help, labels=labels)
            )
            family.add_metric([each.queue] if each.queue else [], each.value)
        yield from families.values()

    def describe(self) -> list[GaugeMetricFamily]:
        """Tell nothing before somebody looks."""
        return []
