"""Lets callers in: reads the proof, finds brand and person, and holds them to the declaration.

A guard of the whole application, so that it runs before a body is read. What is refused here is
put on file, and how often an account may call is counted here too.
Source: order of checks of design decision D11, operations §14, reliability design §15.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import attrs
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from los_core.domain import limits
from los_core.domain.errors import DomainError, Forbidden, NotFound, Unauthenticated
from los_core.domain.ids import PLATFORM, BrandId
from los_core.domain.staff import Staff
from los_core.ports.tokens import Claims
from los_core.services import Services
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.limiting import spend
from los_http.addresses import address_of
from los_http.auth import KEY_HEADER, KEYED, OPT, Access
from los_http.telling import call_of

_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]{1,4096})", re.IGNORECASE)
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")

Connection = ASGIConnection[Any, Any, Any, Any]
Caller = CustomerCaller | StaffCaller


@attrs.frozen
class Gate:
    """Decides who is let in."""

    services: Services

    async def admit(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Let the caller in: the guard.

        Raises: Unauthenticated; NotFound: a brand that is not theirs; Forbidden; TooMany.
        """
        access: Access = handler.opt[OPT]
        if access.audience not in ("public", "vendor"):
            asked = _Asked(connection, access)
            caller = await asyncio.to_thread(self._let_in, asked)
            connection.scope["state"]["caller"] = caller
            if not asked.reads:
                self.services.calls.command(call_of(connection.scope, caller))

    def _let_in(self, asked: "_Asked") -> Caller:
        met: list[Caller] = []
        try:
            caller = self._caller(asked, met)
            self._count(asked, caller)
        except (Unauthenticated, Forbidden) as refusal:
            self._put_on_file(asked, refusal, met)
            raise
        return caller

    def _caller(self, asked: "_Asked", met: list[Caller]) -> Caller:
        """Return the caller; `met` keeps who they are where they are then refused."""
        if asked.access.audience == "web":
            return self.services.identity.customer(asked.token(), ip=asked.ip, device=asked.device)

        def check(caller: StaffCaller) -> None:
            met.append(caller)
            asked.access.check(caller)

        if asked.has_key:
            return self._by_key(asked, check)
        caller = self._by_token(asked)
        check(caller)
        return caller

    def _by_key(self, asked: "_Asked", check: Callable[[StaffCaller], None]) -> StaffCaller:
        text, brand_id = asked.key(), asked.brand_id
        if brand_id is None or not asked.template.startswith(KEYED):
            raise Unauthenticated("a key is not good here")
        return self.services.keys.caller(brand_id, text, check=check, ip=asked.ip)

    def _by_token(self, asked: "_Asked") -> StaffCaller:
        member, claims = self.services.staff_login.staff(asked.token())
        if asked.brand_id is not None:
            found = self.services.platform.brand(asked.brand_id)
            if found is None or not found.active or not member.works_for(found.id):
                raise NotFound("no such brand")
        if member.must_enrol and not asked.access.unready:
            raise Forbidden("enrol your second factor first", code="TOTP_NOT_ENROLLED")
        return _at_work(member, claims, asked.brand_id, asked.ip)

    def _count(self, asked: "_Asked", caller: Caller) -> None:
        is_key = isinstance(caller, StaffCaller) and caller.is_key
        account = str(caller.staff_id if isinstance(caller, StaffCaller) else caller.customer_id)
        if asked.reads:
            limit = limits.READS_BY_KEY if is_key else limits.READS
        else:
            limit = limits.WRITES_BY_KEY if is_key else limits.WRITES
        spend(self.services.limiter, limit, account)

    def _put_on_file(self, asked: "_Asked", refusal: DomainError, met: list[Caller]) -> None:
        caller = met[0] if met else None
        brand_id = asked.brand_id
        if brand_id is None and isinstance(caller, StaffCaller):
            member = self.services.platform.staff(caller.staff_id)
            brand_id = self.services.access_log.home(member) if member else None
        self.services.access_log.refused(
            brand_id,
            status=401 if isinstance(refusal, Unauthenticated) else 403,
            reason=refusal.code,
            route=f"{asked.method} {asked.template}",
            by=caller,
            ip=asked.ip,
        )


@attrs.frozen
class _Asked:
    """What of a request decides who may."""

    connection: Connection
    access: Access

    @property
    def method(self) -> str:
        return str(self.connection.scope["method"])  # type: ignore[typeddict-item]  # HTTP only

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    @property
    def template(self) -> str:
        return str(self.connection.scope["path_template"])

    @property
    def brand_id(self) -> BrandId | None:
        found: UUID | None = self.connection.path_params.get("brand_id")
        return None if found is None else BrandId(found)

    @property
    def ip(self) -> str:
        return address_of(self.connection)

    @property
    def device(self) -> str:
        return self.connection.headers.get("user-agent", "")[:200]

    @property
    def has_key(self) -> bool:
        return KEY_HEADER in self.connection.headers

    def token(self) -> str:
        """Return the access token. Raises: Unauthenticated: there is none, or more than one."""
        given = self.connection.headers.getall("authorization", [])
        found = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
        if found is None or self.has_key:
            raise Unauthenticated("send one Authorization header with a Bearer token")
        return found[1]

    def key(self) -> str:
        """Return the API key. Raises: Unauthenticated: there is none, or a token beside it."""
        given = self.connection.headers.getall(KEY_HEADER, [])
        if len(given) != 1 or not _KEY.fullmatch(given[0]):
            raise Unauthenticated(f"send one {KEY_HEADER} header")
        if "authorization" in self.connection.headers:
            raise Unauthenticated(f"send a token or {KEY_HEADER}, not both")
        return given[0]


def _at_work(member: Staff, claims: Claims, brand_id: BrandId | None, ip: str) -> StaffCaller:
    """Return the member at work in the route's brand; without one, in none."""
    if brand_id is not None:
        return StaffCaller.of(member, brand_id, session_id=claims.session, ip=ip)
    return StaffCaller(
        staff_id=member.id,
        brand_id=PLATFORM,
        roles=member.roles,
        permissions=member.permissions,
        session_id=claims.session,
        ip=ip,
    )
