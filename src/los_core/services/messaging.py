"""Messages to customers: composed from the loan, sent by the brand's vendors, once.

A notice is a job row in the commit that causes it. Before the vendor is asked, the intent is on
file; after a crash between the vendor's yes and our commit the same message may go out twice, and
is then marked as repeated, because no messenger here can be asked by our reference.
"""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

import attrs

from los_core.domain.customer import Customer
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.kyc import Phone
from los_core.domain.loan import Loan
from los_core.domain.notices import NOTICES, Channel, Notice
from los_core.domain.rupees import format_rupees
from los_core.domain.words import principal_reasons
from los_core.domain.work import Job, SentMessage
from los_core.ports.clock import Clock
from los_core.ports.directory import MESSAGE, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.message import Accepted, Attachment, Message
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.jobs import SEND_NOTICE, later


@attrs.frozen(kw_only=True)
class Messaging:
    """Composes and sends notices."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    storage: Storage

    def notify(
        self, uow: UnitOfWork, loan: Loan, code: str, *, about: str, **facts: object
    ) -> None:
        """Ask for a notice about a loan, once per (loan, code, about), on each of its channels.

        `facts` are figures and codes that the loan itself does not keep (an amount, a receipt
        number): plain values without personal data.
        """
        for channel in NOTICES[code].channels:
            key = f"{loan.id}|{code}|{about}|{channel}"
            later(
                uow,
                SEND_NOTICE,
                key,
                clock=self.clock,
                entropy=self.entropy,
                payload={
                    "notice": code,
                    "channel": channel.value,
                    "loan_id": loan.id,
                    "message_id": key,
                    **facts,
                },
            )

    def send_now(
        self,
        brand_id: BrandId,
        *,
        channel: Channel,
        to: str,
        template: str,
        values: Mapping[str, str],
    ) -> None:
        """Send a message at once, without a job: only for codes, which are stale in minutes.

        Raises: Unavailable: no vendor took it.
        """
        with self.begin(brand_id) as uow:
            brand = uow.lender.brand()
        filled = {**values, "brand_name": brand.name}
        subject, text = NOTICES[template].words(channel, filled)
        message = Message(
            id=str(self.entropy.uuid()),
            channel=channel,
            to=to,
            template=template,
            variables=filled,
            subject=subject,
            text=text,
        )
        self._send(brand_id, message, sure=False)

    def deliver(self, job: Job) -> None:
        """Send the notice a job asks for.

        Raises: Unavailable: the runner tries again; Unknown is not raised: it is on file as such.
        """
        notice = NOTICES[job.payload["notice"]]
        channel = Channel(job.payload["channel"])
        loan_id = LoanId(UUID(job.payload["loan_id"]))
        message_id = job.payload["message_id"]
        now = self.clock.now()
        with self.begin(job.brand_id) as uow:
            known = uow.desk.message(message_id)
            if known is not None and known.status != "INTENDED":
                return
            message = self._compose(uow, notice, channel, loan_id, job.payload)
            if message is None:
                return
            intent = known or SentMessage(
                id=message_id,
                brand_id=job.brand_id,
                channel=channel,
                template=notice.code,
                to_masked=_masked(channel, message.to),
                loan_id=loan_id,
                at=now,
            )
            if known is None:
                uow.desk.add_message(intent)
            elif known.provider:
                intent = attrs.evolve(known, repeated=True)
                uow.desk.save_message(intent)
        self._deliver(job.brand_id, message, intent)

    def _deliver(self, brand_id: BrandId, message: Message, intent: SentMessage) -> None:
        def about_to_ask(provider: str) -> None:
            with self.begin(brand_id) as uow:
                uow.desk.save_message(attrs.evolve(intent, provider=provider))

        try:
            taken = self._send(brand_id, message, sure=True, before=about_to_ask)
            result = attrs.evolve(
                intent, provider=taken.provider, provider_ref=taken.provider_ref, status="ACCEPTED"
            )
        except Rejected as refusal:
            result = attrs.evolve(intent, provider=refusal.provider, status="REJECTED")
        except Unknown as doubt:
            result = attrs.evolve(intent, provider=doubt.provider, status="UNKNOWN")
        with self.begin(brand_id) as uow:
            uow.desk.save_message(result)

    def _send(
        self,
        brand_id: BrandId,
        message: Message,
        *,
        sure: bool,
        before: Callable[[str], None] = lambda _: None,
    ) -> Accepted:
        """Ask the brand's vendors of the channel in turn.

        `sure` forbids a second vendor once one may have sent it. Raises: Unavailable, Rejected,
            Unknown.
        """
        last: Unavailable | Unknown = Unavailable(f"no vendor for {message.channel} is set up")
        for vendor in self.directory.find(brand_id, MESSAGE):
            if message.channel not in vendor.adapter.channels:
                continue
            before(vendor.name)
            try:
                return vendor.adapter.send(message)
            except Unavailable as err:
                last = err
            except Unknown as err:
                if sure:
                    raise
                last = err
        raise last

    def _compose(
        self,
        uow: UnitOfWork,
        notice: Notice,
        channel: Channel,
        loan_id: LoanId,
        payload: Mapping[str, str],
    ) -> Message | None:
        """Return the message, None if the customer has no address on this channel."""
        loan = uow.loans.get(loan_id)
        customer = uow.customers.get(loan.customer_id) if loan else None
        if loan is None or customer is None:
            raise NotFound("the loan of this notice is gone")
        to = _address(customer, channel)
        if to is None:
            return None
        values = self._values(uow, loan, customer, payload)
        subject, text = notice.words(channel, values)
        files = self._files(uow, notice, loan) if channel is Channel.EMAIL else ()
        return Message(
            id=payload["message_id"],
            channel=channel,
            to=to,
            template=notice.code,
            variables=values,
            subject=subject,
            text=text,
            attachments=files,
        )

    def _values(
        self, uow: UnitOfWork, loan: Loan, customer: Customer, payload: Mapping[str, str]
    ) -> dict[str, str]:
        brand = uow.lender.brand()
        officer = brand.grievance_officer
        values = {
            "brand_name": brand.name,
            "grievance": f"{officer.name}, {officer.phone}, {officer.email}",
            "customer_name": customer.name.title() or "Customer",
            "loan_no": loan.loan_no,
            "amount": format_rupees(loan.applied_amount),
        }
        for name, raw in payload.items():
            if name.endswith("_paise"):
                values[name.removesuffix("_paise")] = format_rupees(int(raw))
            elif name.endswith(("_on", "_until", "_after")):
                values[name] = f"{date.fromisoformat(raw):%d %b %Y}"
            elif name == "reason_codes":
                values["reasons"] = "\n".join(
                    f"- {reason}" for reason in principal_reasons(tuple(raw.split(",")))
                )
            elif name == "agreement_id":
                agreement = uow.agreements.get(UUID(raw))
                values["signing_url"] = agreement.signing_url if agreement else ""
            else:
                values.setdefault(name, raw)
        return values

    def _files(self, uow: UnitOfWork, notice: Notice, loan: Loan) -> tuple[Attachment, ...]:
        on_file = [uow.agreements.document_of(loan.id, kind) for kind in notice.attaches]
        return tuple(
            Attachment(document.name, document.content_type, self.storage.get(document.key).content)
            for document in on_file
            if document is not None
        )


def _address(customer: Customer, channel: Channel) -> str | None:
    if channel is Channel.EMAIL:
        return customer.details.email.reveal() if customer.details else None
    return customer.phone.reveal()


def _masked(channel: Channel, to: str) -> str:
    return (
        Phone(to).masked if channel is not Channel.EMAIL else f"{to[:1]}***@{to.rpartition('@')[2]}"
    )
