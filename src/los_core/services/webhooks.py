"""Vendors' messages: proved, kept once, answered, and only then acted on.

The address names brand and provider; the raw bytes are proved before anything is parsed; a message
that cannot be applied is parked for people, never dropped. Source: reliability design §5.
"""

import hmac
from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs

from los_core.domain.errors import Forbidden, NotFound
from los_core.domain.ids import BrandId
from los_core.domain.work import Job, WebhookEvent, WebhookStatus
from los_core.ports.clock import Clock
from los_core.ports.directory import ESIGN, PAYMENT, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.passwords import CodeHasher
from los_core.ports.payment import GatewayPayment, PaymentState
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.agreements import Agreements
from los_core.services.callers import StaffCaller
from los_core.services.jobs import APPLY_WEBHOOK, later
from los_core.services.repayments import Repayments

TOKEN_LENGTH = 32
NAME_LENGTH = 200
"""Letters kept of a vendor's names for events and things; the body is kept whole."""


@attrs.frozen(kw_only=True)
class Webhooks:
    """Takes in what vendors report. `public_url` is where they reach us."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    directory: Directory
    hasher: CodeHasher
    agreements: Agreements
    repayments: Repayments
    public_url: str

    def address(self, brand_id: BrandId, provider: str) -> str:
        """Return the address to give a payment gateway for a brand."""
        return f"{self.public_url}/api/v1/webhook/{provider}/{self._token(brand_id)}"

    def receive(
        self, provider: str, brand_token: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Prove a gateway's message and keep it, once; a repeat is only counted.

        Header names are lower case. Raises: NotFound: no such address; BadSignature.
        """
        brand_id = self._brand(brand_token)
        vendor = self.directory.named(brand_id, PAYMENT, provider)
        if vendor is None:
            raise NotFound("no such address")
        notice = vendor.adapter.verify(headers, body)
        event = WebhookEvent(
            id=self.entropy.uuid(),
            brand_id=brand_id,
            port=PAYMENT.name,
            provider=provider,
            account=vendor.account,
            event_key=notice.event_key,
            kind=_storable(notice.kind),
            reference=_storable(notice.reference),
            body=body,
            received_at=self.clock.now(),
        )
        with self.begin(brand_id) as uow:
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
        with self.begin(job.brand_id) as uow:
            event = uow.desk.event(UUID(job.payload["event_id"]))
        if event is None or event.status is not WebhookStatus.RECEIVED:
            return
        if event.port == ESIGN.name:
            self.agreements.apply(event)
        else:
            self._payment(event)

    def parked(self, caller: StaffCaller) -> Sequence[WebhookEvent]:
        """Return proven messages that could not be applied, oldest first."""
        if not caller.may("jobs:read"):
            raise Forbidden("your role does not allow this")
        with self.begin(caller.brand_id) as uow:
            return uow.desk.parked()

    def _payment(self, event: WebhookEvent) -> None:
        vendor = self.directory.named(event.brand_id, PAYMENT, event.provider)
        if vendor is None:
            raise NotFound("the gateway of this event is gone")
        status, reason = WebhookStatus.IGNORED, "carries no payment"
        try:
            seen = _sound(vendor.adapter.payment_of(event.body))
        except (ValueError, RecursionError):
            seen, status, reason = None, WebhookStatus.PARKED, "the payment cannot be read"
        if seen is not None and seen.state is PaymentState.CAPTURED:
            self._captured(event, seen)
            return
        if seen is not None:
            reason = f"the payment is {seen.state}"
        with self.begin(event.brand_id) as uow:
            uow.desk.settle_event(event.id, status, reason)

    def _captured(self, event: WebhookEvent, seen: GatewayPayment) -> None:
        """Post the payment, and settle its event in the same transaction."""

        def settle(uow: UnitOfWork, reason: str) -> None:
            status = WebhookStatus.PARKED if reason else WebhookStatus.APPLIED
            uow.desk.settle_event(event.id, status, reason)

        self.repayments.captured(
            event.brand_id, event.provider, account=event.account, seen=seen, tell=settle
        )

    def _brand(self, token: str) -> BrandId:
        for brand in self.platform.brands():
            if brand.active and hmac.compare_digest(self._token(brand.id).encode(), token.encode()):
                return brand.id
        raise NotFound("no such address")

    def _token(self, brand_id: BrandId) -> str:
        return self.hasher.code(str(brand_id), bound_to="webhook")[:TOKEN_LENGTH]


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
