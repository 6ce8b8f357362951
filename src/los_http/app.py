"""The application: every route, the guard before them and the edge around them.

Built from ready services and nothing else; which adapters they use is the container's business.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import structlog
from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide

from los_adapters.storage.links import Files
from los_core.domain.errors import Busy
from los_core.domain.ids import PLATFORM
from los_core.services import Services
from los_core.services.call_log import CallLog
from los_core.services.callers import CustomerCaller, StaffCaller
from los_http import errors, health, openapi, storage, webhooks
from los_http.addresses import HOSTS, Hosts
from los_http.admin import brands, operations, users
from los_http.auth import undeclared
from los_http.board import Board
from los_http.body import StrictRequest, read_body
from los_http.compression import compressible
from los_http.gate import Gate
from los_http.health import Ping, Pulse
from los_http.idempotency import firm_promise, promise
from los_http.middleware import UPLOAD_LIMIT, Edge
from los_http.origins import Origins
from los_http.partner import (
    activity,
    api_keys,
    cam,
    customers,
    endings,
    logs,
    notifications,
    payments,
    people,
    reasons,
    servicing,
    settings,
    targets,
    uploads,
)
from los_http.partner import auth as staff_auth
from los_http.partner import loans as desk
from los_http.partner import sessions as staff_sessions
from los_http.storage import Linked
from los_http.telling import Telling, personal
from los_http.web import auth, bank, blogs, brand, kyc, loans, onboarding, repayments

THREADS = 64
FORM_PARTS = 10


def create_app(
    services: Services,
    *,
    threads: int = THREADS,
    hosts: Collection[str] = (),
    reading: Hosts | None = None,
    files: Files | None = None,
    cache: Ping | None = None,
    queue: Ping | None = None,
    described: bool = True,
    told_every_s: float | None = None,
    measure: Callable[[str, str, int, float], None] = lambda *_: None,
    on_shutdown: Callable[[], None] | None = None,
) -> Litestar:
    """Return the application.

    Args:
        services: every use case, wired.
        threads: handlers that run at the same time in this process.
        hosts: host names that are served besides brands' own; empty: any.
        reading: how hosts name brands and proxies name clients; None: neither does.
        files: the storage, where it serves its links through us; None: an object store does.
        cache: asks the cache's server whether it answers; None: there is none.
        queue: the same of the broker.
        described: whether the API's description and its page are served.
        told_every_s: how often what was read is put on file; None: when the process ends.
        measure: takes method, route template, status and seconds of every request.
        on_shutdown: called after the last request, to close what the container opened.

    Raises: RuntimeError: a route does not declare who may call it.
    """
    reading = reading or Hosts()
    pulse = Pulse(database=lambda: services.platform.brand(PLATFORM), cache=cache, queue=queue)
    board = Board(services.notifications, services.clock.now, draining=lambda: pulse.draining)
    app = Litestar(
        route_handlers=[_api(), health.router(), *([openapi.static_router()] * described)],
        dependencies=_dependencies(services, pulse, board, Linked(files)),
        guards=[Gate(services).admit, read_body],
        exception_handlers={Exception: errors.told(services.clock.now)},
        lifespan=[
            _life(
                threads,
                pulse,
                board=board,
                calls=services.calls,
                told_every_s=told_every_s,
                on_shutdown=on_shutdown,
            )
        ],
        request_class=StrictRequest,
        request_max_body_size=UPLOAD_LIMIT,
        multipart_form_part_limit=FORM_PARTS,
        openapi_config=openapi.openapi_config(version("los")) if described else None,
        state=State({"pulse": pulse, HOSTS: reading}),
        logging_config=None,
    )
    if missing := undeclared(app.routes):
        raise RuntimeError(f"routes that do not say who may call them: {', '.join(missing)}")
    if described:
        openapi.complete(app)
    app.asgi_handler = Edge(
        app=app.asgi_handler,
        now=services.clock.now,
        limiter=services.limiter,
        reading=reading,
        origins=Origins(services.brands.sites, reading),
        measure=measure,
        telling=Telling(services.calls, personal(app.routes)),
        hosts=hosts,
        compressed=compressible(app.routes),
        draining=lambda: pulse.draining,
    )
    return app


def _api() -> Router:
    return Router(
        "/api/v1",
        route_handlers=[
            auth.router(),
            brand.router(),
            *onboarding.routers(),
            kyc.router(),
            bank.router(),
            loans.router(),
            repayments.router(),
            staff_auth.router(),
            staff_sessions.router(),
            people.router(),
            customers.router(),
            api_keys.router(),
            *settings.routers(),
            notifications.router(),
            activity.router(),
            *logs.routers(),
            reasons.router(),
            targets.router(),
            uploads.router(),
            blogs.router(),
            desk.router(),
            cam.router(),
            *servicing.routers(),
            *endings.routers(),
            *payments.routers(),
            brands.router(),
            users.router(),
            operations.router(),
            webhooks.router(),
            storage.router(),
        ],
    )


def _dependencies(
    services: Services, pulse: Pulse, board: Board, linked: Linked
) -> dict[str, Provide]:
    """Return what handlers may ask for by name; all of it is plain values and quick."""

    def provide_services() -> Services:
        return services

    def provide_pulse() -> Pulse:
        return pulse

    def provide_board() -> Board:
        return board

    def provide_linked() -> Linked:
        return linked

    found: dict[str, Callable[..., Any]] = {
        "services": provide_services,
        "pulse": provide_pulse,
        "board": provide_board,
        "linked": provide_linked,
        "customer": _customer,
        "partner_user": _partner_user,
        "promise": promise,
        "firm_promise": firm_promise,
    }
    return {name: Provide(maker, sync_to_thread=False) for name, maker in found.items()}


def _customer(request: Request[Any, Any, Any]) -> CustomerCaller:
    """Return the customer whom the guard let in."""
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, CustomerCaller), "the route is declared for customers"
    return caller


def _partner_user(request: Request[Any, Any, Any]) -> StaffCaller:
    """Return the member of staff whom the guard let in."""
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, StaffCaller), "the route is declared for staff"
    return caller


def _life(
    threads: int,
    pulse: Pulse,
    *,
    board: Board,
    calls: CallLog,
    told_every_s: float | None,
    on_shutdown: Callable[[], None] | None,
) -> Any:
    @asynccontextmanager
    async def life(_: Litestar) -> AsyncGenerator[None, None]:
        with ThreadPoolExecutor(threads, thread_name_prefix="http") as pool:
            asyncio.get_running_loop().set_default_executor(pool)
            telling = asyncio.create_task(_tell(calls, told_every_s))
            yield
            pulse.drain()
            board.close()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await asyncio.to_thread(_tell_now, calls)
        if on_shutdown is not None:
            on_shutdown()

    return life


async def _tell(calls: CallLog, every_s: float | None) -> None:
    """Put on file what was read, again and again until cancelled."""
    while every_s is not None:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(_tell_now, calls)


def _tell_now(calls: CallLog) -> None:
    try:
        calls.flush()
    except Busy as err:
        structlog.get_logger("los.http").warning(
            "calls.untold", waiting=calls.waiting, lost=calls.lost, error=err.code
        )
