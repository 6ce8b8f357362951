"""Messages: asked for in the commit that causes them, sent by the brand's vendors, once.

A notice is a job row. Before a vendor is asked, the intent is on file. Where nobody can say whether
a message went out – our process died, or no answer came – its vendor is asked by our id. Of those
that cannot be asked, a letter the law wants sent is repeated once, marked as repeated; after a
death of ours any notice is. Source: reliability promises R9, design §7.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId, LoanId, StaffId
from los_core.domain.loan import Loan
from los_core.domain.notices import NOTICES, Channel
from los_core.domain.work import Job, SentMessage
from los_core.ports.clock import Clock
from los_core.ports.directory import MESSAGE, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.message import Accepted, Message, Trace
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.composing import Composer, masked
from los_core.services.jobs import SEND_NOTICE, TRACE_NOTICE, asked, later

TRACE_AFTER: Final = timedelta(minutes=2)
REPEAT_AFTER: Final = timedelta(hours=1)
"""When a letter the law wants sent is sent again, if nobody can say that it went out."""


@attrs.frozen(kw_only=True)
class Messaging:
    """Asks for notices and sends them."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    composer: Composer

    def notify(
        self, uow: UnitOfWork, loan: Loan, code: str, *, about: str, **facts: object
    ) -> None:
        """Ask for a notice about a loan, once per (loan, code, about), on each of its channels.

        `facts` are figures and codes that the loan itself does not keep (an amount, a receipt
        number): plain values without personal data.
        """
        uow.desk.add_jobs(self.notices(loan, code, about=about, **facts))

    def notices(self, loan: Loan, code: str, *, about: str, **facts: object) -> list[Job]:
        """Return the jobs that `notify` adds, for those who tell of many things at once."""
        return [
            self._notice(
                loan, code, channel, key=f"{loan.id}|{code}|{about}|{channel}", facts=facts
            )
            for channel in NOTICES[code].channels
        ]

    def notify_staff(
        self,
        uow: UnitOfWork,
        loan: Loan,
        code: str,
        *,
        about: str,
        to: Iterable[StaffId],
        **facts: object,
    ) -> None:
        """Ask for a notice about a loan to members of staff, once per (loan, code, about, person).

        Who has left is replaced by the brand's nodal officer when it goes out.
        """
        notices: list[Job] = []
        for staff_id in dict.fromkeys(to):
            for channel in NOTICES[code].channels:
                key = f"{loan.id}|{code}|{about}|{staff_id}|{channel}"
                about_them = {"staff_id": staff_id, **facts}
                notices.append(self._notice(loan, code, channel, key=key, facts=about_them))
        uow.desk.add_jobs(notices)

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
        notice, channel = NOTICES[job.payload["notice"]], Channel(job.payload["channel"])
        with self.begin(job.brand_id) as uow:
            known = uow.desk.message(job.payload["message_id"])
            if known is not None and known.status != "INTENDED":
                return
            message = self.composer.compose(uow, notice, channel, job.payload)
            if message is None:
                return
            intent = known or SentMessage(
                id=message.id,
                brand_id=job.brand_id,
                channel=channel,
                template=notice.code,
                to_masked=masked(channel, message.to),
                loan_id=LoanId(UUID(job.payload["loan_id"])),
                at=self.clock.now(),
            )
            if known is None:
                uow.desk.add_message(intent)
        # A vendor on file was asked by a run that died before it could say what came of it.
        found = self._traced(intent) if intent.provider else Trace.NOT_SENT
        if found is Trace.SENT:
            self._note(attrs.evolve(intent, status="ACCEPTED"))
        elif found is Trace.NOT_SENT:
            self._deliver(job, message, intent)
        elif intent.repeated:
            self._note(attrs.evolve(intent, status="UNKNOWN"))
        else:
            self._deliver(job, message, attrs.evolve(intent, repeated=True))

    def trace(self, job: Job) -> None:
        """Find out whether a message of unknown outcome went out; send it again where that is due.

        Raises: Unavailable: the vendor cannot be asked now, or none takes the repeat.
        """
        with self.begin(job.brand_id) as uow:
            known = uow.desk.message(job.payload["message_id"])
        if known is None or known.status not in ("UNKNOWN", "INTENDED"):
            return
        found = self._traced(known)
        if found is Trace.SENT:
            self._note(attrs.evolve(known, status="ACCEPTED"))
        elif found is Trace.NOT_SENT:
            self._again(job, known)
        elif known.repeated or not _must_arrive(known):
            self._note(attrs.evolve(known, status="UNKNOWN"))
        elif self.clock.now() - known.at < REPEAT_AFTER:
            with self.begin(job.brand_id) as uow:
                self._trace_later(uow, job, wait=REPEAT_AFTER)
        else:
            self._again(job, attrs.evolve(known, repeated=True))

    def _again(self, job: Job, intent: SentMessage) -> None:
        notice, channel = NOTICES[job.payload["notice"]], Channel(job.payload["channel"])
        with self.begin(job.brand_id) as uow:
            message = self.composer.compose(uow, notice, channel, job.payload)
        if message is not None:
            self._deliver(job, message, attrs.evolve(intent, status="INTENDED"))

    def _deliver(self, job: Job, message: Message, intent: SentMessage) -> None:
        asked = intent

        def about_to_ask(provider: str) -> None:
            nonlocal asked
            asked = attrs.evolve(intent, provider=provider)
            with self.begin(job.brand_id) as uow:
                uow.desk.save_message(asked)

        try:
            taken = self._send(job.brand_id, message, sure=True, before=about_to_ask)
        except Rejected:
            self._note(attrs.evolve(asked, status="REJECTED"))
        except Unknown:
            self._note(attrs.evolve(asked, status="UNKNOWN"), doubted_by=job)
        else:
            ref = taken.provider_ref
            self._note(attrs.evolve(asked, provider_ref=ref, status="ACCEPTED"))

    def _note(self, message: SentMessage, *, doubted_by: Job | None = None) -> None:
        """Put an outcome on file, and on a no-dues certificate that it went out."""
        at = self.clock.business_now()
        with self.begin(message.brand_id) as uow:
            uow.desk.save_message(message)
            if doubted_by is not None:
                self._trace_later(uow, doubted_by, wait=TRACE_AFTER)
            if message.template != "NO_DUES" or message.status != "ACCEPTED":
                return
            assert message.loan_id is not None, "a no-dues letter is about a loan"
            loan = uow.loans.lock(LoanId(message.loan_id))
            certificate = uow.agreements.no_dues(loan.id) if loan else None
            if certificate is not None and certificate.certificate_no in message.id.split("|"):
                certificate.emailed_at = certificate.emailed_at or at
                uow.agreements.save_no_dues(certificate)

    def _traced(self, message: SentMessage) -> Trace:
        """Ask the vendor whether a message went out. Raises: Unavailable."""
        vendor = self.directory.named(message.brand_id, MESSAGE, message.provider)
        return Trace.CANNOT_TELL if vendor is None else vendor.adapter.trace(message.id)

    def _send(
        self,
        brand_id: BrandId,
        message: Message,
        *,
        sure: bool,
        before: Callable[[str], None] = lambda _: None,
    ) -> Accepted:
        """Ask the brand's vendors of the channel in turn.

        `sure` forbids a second vendor once one may have sent it. `before` hears which vendor is
        about to be asked, and "" when that one has sent nothing. Raises: Unavailable, Rejected,
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
                before("")
                last = err
            except Unknown as err:
                if sure:
                    raise
                last = err
        raise last

    def _trace_later(self, uow: UnitOfWork, job: Job, *, wait: timedelta) -> None:
        number = int(job.payload.get("traces", "0")) + 1
        later(
            uow,
            TRACE_NOTICE,
            f"{job.payload['message_id']}|{number}",
            clock=self.clock,
            entropy=self.entropy,
            delay=wait,
            payload={**job.payload, "traces": number},
        )

    def _notice(
        self,
        loan: Loan,
        code: str,
        channel: Channel,
        *,
        key: str,
        facts: Mapping[str, object],
    ) -> Job:
        return asked(
            loan.brand_id,
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


def _must_arrive(message: SentMessage) -> bool:
    """Whether a message is a letter the law wants sent."""
    return message.channel == Channel.EMAIL and NOTICES[message.template].legal
