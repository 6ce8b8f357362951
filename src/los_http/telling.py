"""Every call that was let in is told to the trail: what it was, and what it was about.

Which answers are personal follows from their fields, so that no route can forget to say so. What a
customer reads is their own; staff and keys read others'. When a row is written, and when it waits,
is `services.call_log`'s.
"""

import asyncio
import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import attrs
from litestar.routes import BaseRoute
from litestar.types import HTTPScope

from los_core.services.call_log import Call, CallLog
from los_core.services.callers import CustomerCaller, StaffCaller
from los_http.answers import fields_of, readers
from los_http.routes import ALSO

_PERSONAL: Final = re.compile(
    r"(^|_)(phone|email|pan|aadhaar|uan|holder|residence|address|employer|employment|url)(_|$)"
    r"|account_(number|masked|last4)|born|birth"
)
"""Names of fields, a part between underscores: what is sealed at rest, or opens a file."""


def personal(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """Return the paths whose answers to GET hold somebody's data, papers among them."""
    return frozenset(
        path
        for path, handler in readers(routes)
        if handler.opt.get(ALSO)
        or any(_PERSONAL.search(field.name) for field in fields_of(handler))
    )


@attrs.frozen
class Telling:
    """Tells of calls as they are answered; `personal` are the paths whose answers are."""

    log: CallLog
    personal: frozenset[str]

    async def answered(self, scope: HTTPScope, status: int) -> None:
        """Tell of a call before its answer goes out; nothing where nobody was let in.

        Raises: Busy: a personal answer that cannot be told of may not be given.
        """
        caller = scope.get("state", {}).get("caller")
        if caller is None:
            return
        reads = scope["method"] == "GET"
        is_personal = scope.get("path_template") in self.personal and isinstance(
            caller, StaffCaller
        )
        call = call_of(scope, caller)

        def tell() -> None:
            self.log.finished(call, status, personal=is_personal, reads=reads)

        if status < 400 and (is_personal or not reads):
            await asyncio.to_thread(tell)
        else:
            tell()


def call_of(scope: Any, caller: CustomerCaller | StaffCaller) -> Call:
    """Return a call as it is told: by its template, and the one thing that its path names."""
    ids = {
        name.removesuffix("_id"): value
        for name, value in scope.get("path_params", {}).items()
        if isinstance(value, UUID) and name != "brand_id"
    }
    entity, about = next(iter(ids.items()), ("access", None))
    route = f"{scope['method']} {scope['path_template']}"
    return Call(by=caller, route=route, entity=entity, about=about)
