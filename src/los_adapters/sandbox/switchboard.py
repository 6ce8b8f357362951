"""Connects a request to the vendor its first path segment names, through the fault switches.

`Switchboard` is a function from request to response: tests put it under `httpx.MockTransport`,
`server` puts it on a socket. Silence and cuts are httpx.ReadTimeout and httpx.ReadError.
"""

import time
from collections.abc import Callable

import httpx

from los_adapters.sandbox.faults import Fault, FaultKind, Faults
from los_adapters.sandbox.vendors import VENDORS, Vendor, vendor
from los_adapters.sandbox.world import World

_INSTEAD = {
    FaultKind.STATUS_401: 401,
    FaultKind.STATUS_403: 403,
    FaultKind.STATUS_429: 429,
    FaultKind.STATUS_5XX: 503,
}


class Switchboard:
    """All vendors of one world."""

    def __init__(self, world: World, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.world = world
        self.faults = Faults(world)
        self._pause = pause
        self._open: dict[str, Vendor] = {}
        world.courier.obey(self.faults)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; the vendor sees its own paths, without the leading name.

        Raises: httpx.ReadTimeout, httpx.ReadError: as the vendor or a fault has it.
        """
        name, inner = _inner(request)
        if name not in VENDORS:
            return httpx.Response(404, json={"message": f"no vendor {name!r} in the sandbox"})
        met = self.faults.met_by(name, inner.method, inner.url.path)
        for fault in met:
            if fault.kind is FaultKind.DELAY:
                self._pause(fault.seconds)
        if (instead := _before(met, inner)) is not None:
            return instead
        return _after(met, inner, self._answered(name, inner))

    def vendor(self, name: str) -> Vendor:
        """Return an imitated vendor. Raises: KeyError."""
        with self.world.turn():
            if name not in self._open:
                self._open[name] = vendor(name, self.world)
            return self._open[name]

    def _answered(self, name: str, request: httpx.Request) -> httpx.Response:
        """Let the vendor work; what it changed is kept even if it then falls silent."""
        company = self.vendor(name)
        with self.world.turn():
            try:
                return company(request)
            except httpx.TransportError as err:
                lost = err
        raise lost


def _inner(request: httpx.Request) -> tuple[str, httpx.Request]:
    name, _, rest = request.url.raw_path.decode("ascii").lstrip("/").partition("/")
    name = name.partition("?")[0]
    inner = httpx.Request(
        request.method,
        request.url.copy_with(raw_path=f"/{rest}".encode("ascii")),
        headers=request.headers,
        content=request.read(),
    )
    return name, inner


def _before(met: list[Fault], request: httpx.Request) -> httpx.Response | None:
    for fault in met:
        if fault.kind is FaultKind.DROP_BEFORE:
            raise httpx.ReadTimeout("silence", request=request)
        if fault.kind is FaultKind.CUT_BEFORE:
            raise httpx.ReadError("cut", request=request)
        if (status := _INSTEAD.get(fault.kind)) is not None:
            headers = {"retry-after": "7"} if status == 429 else None
            return httpx.Response(status, headers=headers, json={"message": "out of order"})
    return None


def _after(met: list[Fault], request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    for fault in met:
        match fault.kind:
            case FaultKind.DROP_AFTER:
                raise httpx.ReadTimeout("silence", request=request)
            case FaultKind.CUT_AFTER:
                raise httpx.ReadError("cut", request=request)
            case FaultKind.STATUS_5XX_AFTER:
                return httpx.Response(502, text="<h1>502 Bad Gateway</h1>")
            case FaultKind.GARBAGE_AFTER:
                return httpx.Response(answer.status_code, content=b"\x8f\x00not what was asked")
            case FaultKind.TRUNCATED_AFTER:
                half = answer.content[: len(answer.content) // 2]
                return httpx.Response(answer.status_code, content=half)
            case FaultKind.SCHEMA_AFTER:
                return httpx.Response(answer.status_code, json={"surprise": True})
            case _:
                continue
    return answer
