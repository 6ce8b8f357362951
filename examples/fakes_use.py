"""Testing against LOS without vendors, database or network, as another project would.

`in_memory()` wires every service to fakes that can be scripted and looked into; the clock stands
until it is moved. `pip install los` suffices. Run it: `python examples/fakes_use.py`.
"""

from datetime import date, timedelta

from los_adapters.container import InMemory, in_memory
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.consent import Purpose
from los_core.domain.customer import BankAccount, StepState
from los_core.domain.errors import TooMany
from los_core.domain.ids import AccountId, BrandId
from los_core.domain.kyc import AccountNumber, Ifsc, Pan, Phone
from los_core.ports.bankaccount import AccountState
from los_core.ports.errors import Unavailable
from los_core.ports.identity import PanRecord
from los_core.services.callers import CustomerCaller

PHONE = Phone.parse("98220 10101")
BORN_ON = date(1994, 5, 17)


def a_lender(memory: InMemory) -> BrandId:
    """Create a brand and return its id; everything belongs to one."""
    officer = Officer(name="Meera Iyer", phone="02067001234", email="grievance@bharat.example")
    brands = memory.services.brands
    brand = Brand(
        id=brands.new_brand_id(),
        code="bharat",
        name="Bharat Credit",
        lender="bharat-finance",
        legal_name="Bharat Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="Pune 411016",
        gst_state="MH",
        grievance_officer=officer,
        nodal_officer=officer,
    )
    return brands.create(brand, Settings()).id


def a_customer(memory: InMemory, brand_id: BrandId) -> CustomerCaller:
    """Register by the code that the fake messenger holds; a second one has to wait."""
    identity = memory.services.identity
    identity.send_code(brand_id, PHONE)
    message = memory.message.sent[-1]
    print(f"SMS: {message.text}")
    try:
        identity.send_code(brand_id, PHONE)
    except TooMany as refusal:
        print(f"refused: {refusal.message}, wait {refusal.details['retry_after_s']} s")
    memory.clock.advance(timedelta(seconds=31))
    identity.send_code(brand_id, PHONE)

    code = memory.message.sent[-1].variables["otp"]
    caller = identity.customer(identity.redeem_code(brand_id, PHONE, code).access)
    consents = memory.services.onboarding.consent(
        caller, [Purpose.KYC], text_version="2026-01", language="en"
    )
    assert [consent.purpose for consent in consents] == [Purpose.KYC]
    return caller


def a_proof_of_identity(memory: InMemory, caller: CustomerCaller) -> None:
    """Have the vendor fail once, then answer; a verified step is not bought twice."""
    memory.identity.knows_pan(
        "ABCPE1234F",
        PanRecord(valid=True, status="ACTIVE", full_name="ASHA KULKARNI", born_on=BORN_ON),
    )
    memory.identity.script.fail(Unavailable("down for an hour"), operation="pan")
    onboarding, pan = memory.services.onboarding, Pan.parse("ABCPE1234F")
    for _ in range(2):
        try:
            progress = onboarding.verify_pan(caller, pan, name="Asha Kulkarni", born_on=BORN_ON)
        except Unavailable as err:
            print(f"vendor: {err.message}")
        else:
            print(f"PAN {pan.masked}: {progress.steps[0].state}, next is {progress.current}")
            assert progress.steps[0].state is StepState.VERIFIED


def an_account(memory: InMemory, caller: CustomerCaller) -> None:
    """Script what the penny drop finds: the account is somebody else's."""
    number = "50100123456789"
    memory.bank_account.know(number, state=AccountState.VALID, name_at_bank="RAMESH GUPTA")
    banking = memory.services.banking
    progress = banking.add_account(
        caller,
        BankAccount(
            id=AccountId(caller.customer_id),
            holder="Asha Kulkarni",
            number=AccountNumber.parse(number),
            ifsc=Ifsc.parse("HDFC0000123"),
        ),
    )
    [account] = progress.customer.accounts
    banking.verify_account(caller, account.id)
    [account] = banking.verify_account(caller, account.id).customer.accounts
    print(f"account {account.number.masked}: {account.state}, match {account.name_match_pct} %")
    assert account.state is StepState.FAILED


if __name__ == "__main__":
    memory = in_memory()
    customer = a_customer(memory, a_lender(memory))
    a_proof_of_identity(memory, customer)
    an_account(memory, customer)
    print(f"jobs run: {memory.run_jobs()}")
