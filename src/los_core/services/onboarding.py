"""A customer proves who they are, where they work and which account is theirs.

Each step asks a vendor outside any transaction and then commits what came of it; asking again about
something already proved changes nothing. The order of steps is the brand's (`customer.onboarding`).
Bank accounts and statements are in `banking`. Source: loan lifecycle §1.5.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

import attrs

from los_core.domain.blocklist import BlockType, canonical
from los_core.domain.consent import Consent, Purpose
from los_core.domain.customer import (
    AadhaarIdentity,
    AadhaarSession,
    Customer,
    Employment,
    PanIdentity,
    PersonalDetails,
    Step,
    StepState,
)
from los_core.domain.errors import Conflict, GuardFailed, Invalid, NotFound, TooMany
from los_core.domain.ids import BrandId
from los_core.domain.kyc import Aadhaar, Pan, Uan
from los_core.domain.names import match_firm_pct, match_pct
from los_core.domain.onboarding import StepView, current_step, onboarding
from los_core.ports.blindindex import BlindIndex
from los_core.ports.clock import Clock
from los_core.ports.directory import EMPLOYMENT, IDENTITY, Chosen, Directory, Port
from los_core.ports.employment import EmploymentRecord, EmploymentVerifier
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable
from los_core.ports.identity import AadhaarRecord, OtpRefused, PanRecord
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.appraisal import EMPLOYER_PASS_PCT
from los_core.services.blocklist import Blocklist
from los_core.services.callers import CustomerCaller

NAME_PASS_PCT: Final = 75
AADHAAR_TRIES: Final = 5
AADHAAR_LIFE: Final = timedelta(minutes=10)

P = TypeVar("P")
T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Progress:
    """Where a customer's onboarding stands."""

    customer: Customer
    steps: tuple[StepView, ...]
    current: Step


@attrs.frozen(kw_only=True)
class Onboarding:
    """The customer's own steps."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    indexes: BlindIndex
    directory: Directory
    blocklist: Blocklist

    def progress(self, caller: CustomerCaller) -> Progress:
        """Return the steps: what is proved, what comes next, what is mandatory."""
        with self.begin(caller.brand_id) as uow:
            customer = _customer(uow, caller)
            settings = uow.lender.settings()
        return Progress(
            customer=customer,
            steps=onboarding(customer, settings),
            current=current_step(customer, settings),
        )

    def consent(
        self,
        caller: CustomerCaller,
        purposes: Sequence[Purpose],
        *,
        text_version: str,
        language: str,
    ) -> tuple[Consent, ...]:
        """Record consents, one per purpose; one already in force is kept as it is."""
        now = self.clock.now()
        with self.begin(caller.brand_id) as uow:
            _customer(uow, caller)
            given = list(uow.people.consents(caller.customer_id))
            for purpose in dict.fromkeys(purposes):
                if any(c.purpose is purpose and c.in_force(now) for c in given):
                    continue
                consent = Consent(
                    id=self.entropy.uuid(),
                    customer_id=caller.customer_id,
                    purpose=purpose,
                    text_version=text_version,
                    language=language,
                    granted_at=now,
                    ip=caller.ip,
                    device=caller.device,
                    channel="WEB",
                )
                uow.people.add_consent(consent)
                given.append(consent)
        return tuple(given)

    def consents(self, caller: CustomerCaller) -> Sequence[Consent]:
        """Return every consent ever given, oldest first."""
        with self.begin(caller.brand_id) as uow:
            return uow.people.consents(caller.customer_id)

    def verify_pan(self, caller: CustomerCaller, pan: Pan, *, name: str, born_on: date) -> Progress:
        """Check a PAN against the authority's record and what the customer says of themselves.

        Name or birth date that differ leave the step to staff (MANUAL). Raises: Invalid: the
            number is not an active individual's; Conflict: a verified PAN cannot be changed, or
            another customer has it; GuardFailed: G-CONSENT, G-BLOCKLIST; Unavailable.
        """
        with self.begin(caller.brand_id) as uow:
            customer = _customer(uow, caller)
            self._need_consent(uow, caller, Purpose.KYC)
            if customer.pan is not None and customer.pan.state is not StepState.FAILED:
                if customer.pan.pan == pan:
                    return self.progress_of(uow, customer)
                raise Conflict("another PAN is on file", code="PAN_VERIFIED")
        self._refuse_blocked(caller, customer, BlockType.PAN, pan.reveal())
        vendor, record = self._ask(
            caller.brand_id,
            IDENTITY,
            lambda v: v.pan(pan.reveal(), reference=f"pan-{caller.customer_id}"),
        )
        found = _pan_identity(
            pan, record, name=name, born_on=born_on, provider=vendor.name, at=self.clock.now()
        )
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            customer.pan = found
            if found.state is not StepState.FAILED:
                lender = uow.lender.brand().lender
                customer.person = self.indexes.blind_index(lender, "pan", pan.reveal())
            uow.customers.save(customer)
            progress = self.progress_of(uow, customer)
        if found.state is StepState.FAILED:
            raise Invalid(
                "this PAN is not an active individual's",
                fields=[("pan", "is not known to the authority as active")],
                code="PAN_INVALID",
            )
        return progress

    def start_aadhaar(self, caller: CustomerCaller, aadhaar: Aadhaar) -> None:
        """Have the authority send an OTP to the holder's linked mobile.

        The number itself goes to the vendor and nowhere else. Raises: Conflict: PAN comes first,
            or the step is done; TooMany: five codes in a day; GuardFailed: G-CONSENT,
            G-BLOCKLIST; Unavailable; Invalid: refused.
        """
        now = self.clock.now()
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            self._need_consent(uow, caller, Purpose.KYC)
            if customer.pan is None or customer.pan.state is StepState.FAILED:
                raise Conflict("verify the PAN first", code="STEP_ORDER")
            if customer.aadhaar is not None:
                raise Conflict("Aadhaar e-KYC is done", code="STEP_DONE")
        self._refuse_blocked(caller, customer, BlockType.AADHAAR, aadhaar.reveal())
        try:
            vendor, session = self._ask(
                caller.brand_id,
                IDENTITY,
                lambda v: v.start_aadhaar(
                    aadhaar.reveal(), reference=f"ekyc-{self.entropy.uuid().hex[:20]}"
                ),
            )
        except Rejected as refusal:
            raise Invalid(
                "the authority refuses this number", fields=[("aadhaar", "was refused")]
            ) from refusal
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            customer.aadhaar_session = AadhaarSession(
                last4=str(aadhaar.last4.reveal()),
                session=session,
                provider=vendor.name,
                started_at=now,
            )
            uow.customers.save(customer)

    def finish_aadhaar(self, caller: CustomerCaller, otp: str) -> Progress:
        """Redeem the OTP, and compare the record with the PAN's.

        Raises: Conflict: no code is out; TooMany: five wrong ones; Invalid: wrong or expired.
        """
        now = self.clock.now()
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            session = customer.aadhaar_session
            if customer.aadhaar is not None:
                return self.progress_of(uow, customer)
            if session is None or now - session.started_at > AADHAAR_LIFE:
                raise Conflict("ask for a new code first", code="OTP_EXPIRED")
            if session.tries >= AADHAAR_TRIES:
                raise TooMany("too many wrong codes; ask for a new one")
            customer.aadhaar_session = attrs.evolve(session, tries=session.tries + 1)
            uow.customers.save(customer)
        vendor = self.directory.named(caller.brand_id, IDENTITY, session.provider)
        if vendor is None:
            raise Unavailable("the vendor that sent the code is gone", provider=session.provider)
        try:
            record = vendor.adapter.finish_aadhaar(session.session, otp)
        except OtpRefused as refusal:
            raise Invalid(
                "this code is wrong or expired",
                fields=[("otp", "is wrong or expired")],
                code="OTP_EXPIRED" if refusal.expired else "OTP_REFUSED",
            ) from refusal
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            assert customer.pan is not None, "a session is only begun after the PAN"
            customer.aadhaar = _aadhaar_identity(record, customer.pan, vendor.name, now)
            customer.aadhaar_session = None
            uow.customers.save(customer)
            return self.progress_of(uow, customer)

    def update_details(self, caller: CustomerCaller, details: PersonalDetails) -> Customer:
        """Replace what the customer tells of themselves."""
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            customer.details = details
            uow.customers.save(customer)
            return customer

    def add_employment(self, caller: CustomerCaller, employment: Employment) -> Progress:
        """Replace the declared employment; what the fund had confirmed of another one is gone.

        The step is VERIFIED by the declaration unless the brand insists on the fund's word.
        """
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            insists = uow.lender.settings().is_epfo_mandatory
            state = StepState.IN_PROGRESS if insists else StepState.VERIFIED
            customer.employment = attrs.evolve(employment, state=state)
            uow.customers.save(customer)
            return self.progress_of(uow, customer)

    def verify_uan(self, caller: CustomerCaller, uan: Uan | None) -> Progress:
        """Ask the provident fund: phone → UAN → employers; a given UAN skips the first part.

        No record is an answer: it leaves the step as declared, or to staff where the brand insists
        on it. Raises: Conflict: declare the employment first; Unavailable.
        """
        with self.begin(caller.brand_id) as uow:
            customer = _customer(uow, caller)
            self._need_consent(uow, caller, Purpose.EMPLOYMENT_DATA)
            insists = uow.lender.settings().is_epfo_mandatory
            declared = customer.employment
        if declared is None:
            raise Conflict("declare your employment first", code="STEP_ORDER")
        phone, reference = customer.phone.reveal(), f"uan-{caller.customer_id}"

        def look_up(verifier: EmploymentVerifier) -> EmploymentRecord | None:
            found = [uan.reveal()] if uan else verifier.find_uans(phone, reference=reference)
            return verifier.history(found[0], reference=reference) if found else None

        try:
            vendor, record = self._ask(caller.brand_id, EMPLOYMENT, look_up)
            provider = vendor.name
        except Rejected:
            record, provider = None, ""
        checked = _confirmed(
            declared, record, provider=provider, insists=insists, at=self.clock.now()
        )
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            if customer.employment is None or customer.employment.employer != declared.employer:
                raise Conflict("the employment was changed meanwhile", code="STEP_ORDER")
            customer.employment = checked
            uow.customers.save(customer)
            return self.progress_of(uow, customer)

    def progress_of(self, uow: UnitOfWork, customer: Customer) -> Progress:
        """Return a customer's progress inside an open transaction."""
        settings = uow.lender.settings()
        return Progress(
            customer=customer,
            steps=onboarding(customer, settings),
            current=current_step(customer, settings),
        )

    def _refuse_blocked(
        self, caller: CustomerCaller, customer: Customer, kind: BlockType, value: str
    ) -> None:
        """Raises: GuardFailed (G-BLOCKLIST): this, or their phone or device, is blocked."""
        phone = customer.phone.reveal()
        device = canonical(BlockType.DEVICE, caller.device) if caller.device.strip() else ""
        values = {BlockType.PHONE: phone, BlockType.DEVICE: device}
        self.blocklist.refuse(caller, {kind: value, **values})

    def _need_consent(self, uow: UnitOfWork, caller: CustomerCaller, purpose: Purpose) -> None:
        need_consent(uow, caller, purpose, self.clock.now())

    def _ask(
        self, brand_id: BrandId, port: Port[P], question: Callable[[P], T]
    ) -> tuple[Chosen[P], T]:
        """Put a question that costs nothing but money to the brand's vendors in turn.

        Raises: Unavailable: none could answer; Rejected.
        """
        last = Unavailable(f"no vendor for {port.name} is set up", misconfigured=True)
        for vendor in self.directory.find(brand_id, port):
            try:
                return vendor, question(vendor.adapter)
            except Unavailable as err:
                last = err
        raise last


def need_consent(uow: UnitOfWork, caller: CustomerCaller, purpose: Purpose, at: datetime) -> None:
    """Raises: GuardFailed (G-CONSENT): the customer has not agreed to this use of their data."""
    given = uow.people.consents(caller.customer_id)
    if not any(consent.purpose is purpose and consent.in_force(at) for consent in given):
        raise GuardFailed(
            "consent is needed first", code="G-CONSENT", details={"purpose": purpose.value}
        )


def _customer(uow: UnitOfWork, caller: CustomerCaller) -> Customer:
    return _found(uow.customers.get(caller.customer_id))


def _locked(uow: UnitOfWork, caller: CustomerCaller) -> Customer:
    return _found(uow.customers.lock(caller.customer_id))


def _found(customer: Customer | None) -> Customer:
    if customer is None:
        raise NotFound("no such customer")
    return customer


def _pan_identity(
    pan: Pan, record: PanRecord, *, name: str, born_on: date, provider: str, at: datetime
) -> PanIdentity:
    individual = record.holder_type in ("", "INDIVIDUAL")
    matched = match_pct(name, record.full_name) if record.valid else 0
    if not record.valid or not individual:
        state = StepState.FAILED
    elif matched < NAME_PASS_PCT or (record.born_on is not None and record.born_on != born_on):
        state = StepState.MANUAL
    else:
        state = StepState.VERIFIED
    return PanIdentity(
        pan=pan,
        state=state,
        name=record.full_name,
        declared_name=name,
        born_on=record.born_on or born_on,
        gender=record.gender,
        name_match_pct=matched,
        aadhaar_linked=record.aadhaar_linked,
        aadhaar_last4=record.aadhaar_last4,
        provider=provider,
        provider_ref=record.provider_ref,
        checked_at=at,
    )


def _aadhaar_identity(
    record: AadhaarRecord, pan: PanIdentity, provider: str, at: datetime
) -> AadhaarIdentity:
    matched = match_pct(record.full_name, pan.name)
    agrees = (
        matched >= NAME_PASS_PCT
        and record.born_on in (None, pan.born_on)
        and (not pan.aadhaar_last4 or pan.aadhaar_last4 == record.last4)
    )
    home = record.address
    return AadhaarIdentity(
        last4=record.last4,
        reference=record.reference,
        state=StepState.VERIFIED if agrees else StepState.MANUAL,
        name=record.full_name,
        born_on=record.born_on,
        gender=record.gender,
        address=", ".join(part for part in (home.line1, home.locality) if part),
        city=home.city,
        aadhaar_state=home.state,
        pincode=home.pincode,
        name_match_pct=matched,
        provider=provider,
        checked_at=at,
    )


def _confirmed(
    declared: Employment,
    record: EmploymentRecord | None,
    *,
    provider: str,
    insists: bool,
    at: datetime,
) -> Employment:
    current = record.current if record else None
    matched = match_firm_pct(declared.employer, current.employer) if current else 0
    confirmed = matched >= EMPLOYER_PASS_PCT
    state = StepState.VERIFIED if confirmed or not insists else StepState.MANUAL
    months = None
    if record and record.jobs:
        starts = [job.joined_on for job in record.jobs if job.joined_on]
        months = _months(min(starts), at.date()) if starts else None
    return attrs.evolve(
        declared,
        uan=Uan(record.uans[0]) if record and record.uans else declared.uan,
        state=state,
        epfo_employer=current.employer if current else "",
        epfo_match_pct=matched if record else None,
        epfo_employed=record.employed if record else None,
        confirmed_joined_on=current.joined_on if current else None,
        total_months=months,
        provider=provider,
        checked_at=at,
    )


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
