"""Vendors' messages: proved, kept once, answered, and only then acted on.

The address names brand and provider; the raw bytes are proved before anything is parsed; a message
that cannot be applied is parked for people, never dropped. Source: reliability design §5.
"""

import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Forbidden, NotFound
from los_core.domain.ids import BrandId
from los_core.domain.work import Job, WebhookEvent, WebhookStatus
from los_core.ports.clock import Clock
from los_core.ports.directory import PAYMENT, Chosen, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import BadSignature
from los_core.ports.passwords import CodeHasher
from los_core.ports.payment import GatewayPayment, PaymentGateway, PaymentState
from los_core.ports.webhook import Notice
from los_core.ports.work import Begin, Platform
from los_core.services.callers import StaffCaller
from los_core.services.jobs import APPLY_WEBHOOK, later
from los_core.services.repayments import Repayments, Reported

REMEMBERED: Final = timedelta(seconds=5)
"""How long a good address and its secret are not read again."""
TOKEN_LENGTH = 32
NAME_LENGTH = 200
"""Letters kept of a vendor's names for events and things; the body is kept whole."""


@attrs.frozen(kw_only=True)
class _Door:
    """An address that is good, with the vendor whose secret proves what comes in by it."""

    brand_id: BrandId
    vendor: Chosen[PaymentGateway]
    read_at: datetime


@attrs.frozen(kw_only=True)
class Webhooks:
    """Takes in what vendors report. `public_url` is where they reach us."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    directory: Directory
    hasher: CodeHasher
    repayments: Repayments
    public_url: str
    _doors: dict[tuple[str, str], _Door] = attrs.field(factory=dict, init=False, repr=False)

    def address(self, brand_id: BrandId, provider: str) -> str:
        """Return the address to give a payment gateway for a brand."""
        return f"{self.public_url}/api/v1/webhook/{provider}/{self._token(brand_id)}"

    def receive(
        self, provider: str, brand_token: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Prove a gateway's message and keep it, once; a repeat is only counted.

        Header names are lower case. Raises: NotFound: no such address; BadSignature.
        """
        door, notice = self._proved(provider, brand_token, headers, body)
        event = WebhookEvent(
            id=self.entropy.uuid(),
            brand_id=door.brand_id,
            port=PAYMENT.name,
            provider=provider,
            account=door.vendor.account,
            event_key=notice.event_key,
            kind=_storable(notice.kind),
            reference=_storable(notice.reference),
            body=body,
            received_at=self.clock.now(),
        )
        with self.begin(door.brand_id) as uow:
            if uow.desk.add_event(event):
                later(
                    uow,
                    APPLY_WEBHOOK,
                    str(event.id),
                    clock=self.clock,
                    entropy=self.entropy,
                    payload={"event_id": event.id},
                )

    def apply(self, job: Job) -> None:
        """Act on a kept message; applied before means nothing to do."""
        self.apply_all([job])

    def apply_all(self, jobs: Sequence[Job]) -> None:
        """Act on kept messages of a brand: all of them in one transaction, or none.

        Each is settled with what it leads to. Whoever else has the same message in hand waits for
        its loan, finds the payment posted, and changes nothing.
        """
        [brand_id] = {job.brand_id for job in jobs}
        wanted = [UUID(job.payload["event_id"]) for job in jobs]
        with self.begin(brand_id) as uow:
            kept = uow.desk.events(wanted)
        events = [event for event in kept if event.status is WebhookStatus.RECEIVED]
        ends: dict[UUID, tuple[WebhookStatus, str]] = {}
        captured: list[tuple[UUID, Reported]] = []
        vendors = self._vendors(brand_id, {event.provider for event in events})
        for event in events:
            seen, status, reason = _read(event, vendors[event.provider].adapter)
            if seen is None:
                ends[event.id] = status, reason
                continue
            reported = Reported(provider=event.provider, account=event.account, seen=seen)
            captured.append((event.id, reported))
        with self.begin(brand_id) as uow:
            reasons = self.repayments.post(uow, [reported for _, reported in captured])
            for (event_id, _), reason in zip(captured, reasons, strict=True):
                status = WebhookStatus.PARKED if reason else WebhookStatus.APPLIED
                ends[event_id] = status, reason
            for end in sorted(set(ends.values())):
                alike = [event_id for event_id, its in ends.items() if its == end]
                uow.desk.settle_events(alike, *end)

    def parked(self, caller: StaffCaller) -> Sequence[WebhookEvent]:
        """Return proven messages that could not be applied, oldest first."""
        if not caller.may("jobs:read"):
            raise Forbidden("your role does not allow this")
        with self.begin(caller.brand_id) as uow:
            return uow.desk.parked()

    def _vendors(
        self, brand_id: BrandId, names: Collection[str]
    ) -> Mapping[str, Chosen[PaymentGateway]]:
        found = {}
        for name in names:
            vendor = self.directory.named(brand_id, PAYMENT, name)
            if vendor is None:
                raise NotFound("the gateway of this event is gone")
            found[name] = vendor
        return found

    def _proved(
        self, provider: str, token: str, headers: Mapping[str, str], body: bytes
    ) -> tuple["_Door", Notice]:
        """Return where a message came in and what it says of itself. Raises: as `receive`.

        A secret that was read a moment ago may be the one before the last: before a message is
        refused by it, the present one is read.
        """
        now = self.clock.now()
        door = self._doors.get((token, provider))
        if door is not None and now - door.read_at < REMEMBERED:
            try:
                return door, door.vendor.adapter.verify(headers, body)
            except BadSignature:
                pass
        self._doors.pop((token, provider), None)
        brand_id = self._brand(token)
        vendor = self.directory.named(brand_id, PAYMENT, provider)
        if vendor is None:
            raise NotFound("no such address")
        door = self._doors[token, provider] = _Door(brand_id=brand_id, vendor=vendor, read_at=now)
        return door, vendor.adapter.verify(headers, body)

    def _brand(self, token: str) -> BrandId:
        for brand in self.platform.brands():
            if brand.active and hmac.compare_digest(self._token(brand.id).encode(), token.encode()):
                return brand.id
        raise NotFound("no such address")

    def _token(self, brand_id: BrandId) -> str:
        return self.hasher.code(str(brand_id), bound_to="webhook")[:TOKEN_LENGTH]


def _read(
    event: WebhookEvent, gateway: PaymentGateway
) -> tuple[GatewayPayment | None, WebhookStatus, str]:
    """Return the captured payment that a message reports; else None, and how the message ends."""
    try:
        seen = _sound(gateway.payment_of(event.body))
    except (ValueError, RecursionError):
        return None, WebhookStatus.PARKED, "the payment cannot be read"
    if seen is None:
        return None, WebhookStatus.IGNORED, "carries no payment"
    if seen.state is not PaymentState.CAPTURED:
        return None, WebhookStatus.IGNORED, f"the payment is {seen.state}"
    return seen, WebhookStatus.RECEIVED, ""


def _sound(seen: GatewayPayment | None) -> GatewayPayment | None:
    """Return what was read. Raises: ValueError: a name in it is no text that a database takes."""
    texts = attrs.astuple(seen) if seen is not None else ()
    if any(isinstance(text, str) and text != _storable(text) for text in texts):
        raise ValueError("the payment is named by what is no name")
    return seen


def _storable(told: str) -> str:
    """Return a vendor's name for a thing as any database takes it: a proven message is kept."""
    text = told[:NAME_LENGTH].encode("utf-8", "replace").decode()
    return text.replace("\0", "?")
