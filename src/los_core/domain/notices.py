"""What the lender writes to customers: each notice with its channels and its words.

Fields in braces are filled from the loan when the notice goes out; jobs carry ids only. Words that
regulators ask for are here too: a reminder of dues names the penal charge (RBI, 18-Aug-2023), a
rejection its reasons in writing (Fair Practices Code). SMS templates are registered with the
operator (DLT) under the notice's code. A reminder's code is its kind's name; its date is `due_on`,
whatever falls due then, and what is asked for `due_amount`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.agreement import DocumentType


class Channel(StrEnum):
    """How a message travels."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    WHATSAPP = "WHATSAPP"


@attrs.frozen(kw_only=True)
class Notice:
    """One kind of message.

    Attributes:
        code: its name, also the template's at the SMS vendor.
        sms, email: the words by channel; "" where the notice does not use it.
        attaches: the loan's documents that go with the e-mail, the latest of each type.
        legal: a letter that the law wants sent: it is repeated once where nobody can say that it
            went out.
    """

    code: str
    sms: str = ""
    subject: str = ""
    email: str = ""
    attaches: tuple[DocumentType, ...] = ()
    legal: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels it goes out by."""
        return tuple(
            channel
            for channel, words in ((Channel.SMS, self.sms), (Channel.EMAIL, self.email))
            if words
        )

    def words(self, channel: Channel, values: Mapping[str, str]) -> tuple[str, str]:
        """Return (subject, text) with every field filled. Raises: KeyError: a value is missing."""
        text = self.sms if channel is Channel.SMS else self.email
        return self.subject.format_map(values), text.format_map(values)


_SIGN_OFF: Final = "\n\n{brand_name}\nGrievance officer: {grievance}"


def _payout_alarm(code: str, subject: str, words: str) -> Notice:
    """Return a notice to staff about a payout."""
    about = (
        "\n\nLoan {loan_no}, attempt {attempt}: {amount}, reference {reference}.\n"
        "Bank: {bank}; reason: {why}; the bank's word: {bank_code}."
    )
    return Notice(code=code, subject=f"{{loan_no}}: {subject}", email=words + about)


_STAFF: Final = (
    _payout_alarm(
        "PAYOUT_LATE",
        "payout still open",
        "A payout has been under way for hours. It is asked about by itself; nothing is to be sent "
        "again.",
    ),
    _payout_alarm(
        "PAYOUT_MANUAL",
        "payout for you to decide",
        "The bank gives no end to a payout, or one that does not fit the order. Find out from the "
        "account's statement what became of it, and rule it paid or failed; another approves.",
    ),
    _payout_alarm(
        "PAYOUT_FAILED",
        "payout failed",
        "A payout failed; no money moved. Prepare another attempt once the cause is gone.",
    ),
    _payout_alarm(
        "PAYOUT_RETURNED",
        "credit returned, disbursal undone",
        "The customer's bank returned a credit. The disbursal is undone and the customer was told. "
        "Held for the customer: {held}.",
    ),
    _payout_alarm(
        "PAYOUT_RETURNED_LATE",
        "credit returned, nothing undone",
        "The customer's bank returned a credit, but the loan has moved on. Nothing was undone: "
        "decide what is to be done.",
    ),
    _payout_alarm(
        "PAYOUT_PAID_AFTER_FAILURE",
        "a failed payout was paid after all",
        "A payout that counted as failed was carried out. No other attempt goes out. Ask the money "
        "back, or see that it is returned, and rule it returned.",
    ),
)

NOTICES: Final[Mapping[str, Notice]] = {
    notice.code: notice
    for notice in (
        Notice(
            code="OTP",
            sms="{otp} is your {brand_name} code. It is good for {minutes} minutes. "
            "Do not share it with anyone.",
        ),
        Notice(
            code="STAFF_CODE",
            subject="Your code for {brand_name}",
            email="Dear {name},\n\n{code} lets you set a new password. It is good for {minutes} "
            "minutes and works once. If you did not ask for it, do nothing: your password stays as "
            "it is.\n\n{brand_name}",
        ),
        Notice(
            code="APPLICATION_RECEIVED",
            subject="Application {loan_no} received",
            email="Dear {customer_name},\n\nwe have your application {loan_no} for {amount}. "
            "You will hear from us within two working days." + _SIGN_OFF,
        ),
        Notice(
            code="APPLICATION_REJECTED",
            sms="Your application {loan_no} could not be approved. The reasons are in the e-mail "
            "we sent you. {brand_name}",
            subject="Application {loan_no}: our decision",
            email="Dear {customer_name},\n\nwe could not approve your application {loan_no}, for "
            "these reasons:\n\n{reasons}\n\nYou may apply again from {reapply_after}." + _SIGN_OFF,
            legal=True,
        ),
        Notice(
            code="INFORMATION_NEEDED",
            sms="We need something more for your application {loan_no}: please open your "
            "application and complete it. {brand_name}",
            subject="Application {loan_no}: we need something more",
            email="Dear {customer_name},\n\nto go on with your application {loan_no} we need:"
            "\n\n{reasons}\n\nPlease open your application, complete it and hand it in again."
            + _SIGN_OFF,
        ),
        Notice(
            code="APPLICATION_EXPIRED",
            subject="Application {loan_no} expired",
            email="Dear {customer_name},\n\nyour application {loan_no} was not continued in time "
            "and has expired. You may apply again at any time." + _SIGN_OFF,
        ),
        Notice(
            code="OFFER_READY",
            sms="Your loan {loan_no} is approved for {amount}. Read the Key Facts Statement and "
            "choose an offer before {expires_on}. {brand_name}",
            subject="Loan {loan_no} approved",
            email="Dear {customer_name},\n\nyour loan {loan_no} is approved for {amount}. Please "
            "read the Key Facts Statement and choose an offer before {expires_on}." + _SIGN_OFF,
            legal=True,
        ),
        Notice(
            code="AGREEMENT_LINK",
            sms="Please sign the agreement for loan {loan_no}: {signing_url} {brand_name}",
        ),
        Notice(
            code="AGREEMENT_SIGNED",
            subject="Your signed documents for loan {loan_no}",
            email="Dear {customer_name},\n\nattached are your signed loan agreement and the Key "
            "Facts Statement for loan {loan_no}.\n\nWhat happens if dues stay unpaid, by an "
            "example: for a due date of 31 March the account is SMA-0 from 31 March, SMA-1 from "
            "30 April, SMA-2 from 30 May and a non-performing asset from 29 June." + _SIGN_OFF,
            attaches=(DocumentType.SIGNED_AGREEMENT, DocumentType.KFS),
            legal=True,
        ),
        Notice(
            code="DISBURSED",
            sms="{amount} of loan {loan_no} was paid to your account ({utr}). First due date: "
            "{first_due_on}. {brand_name}",
            subject="Loan {loan_no} disbursed",
            email="Dear {customer_name},\n\n{amount} was paid to your bank account, reference "
            "{utr}. Your repayment schedule is attached. You may exit without penalty until "
            "{cooling_off_until}." + _SIGN_OFF,
            attaches=(DocumentType.REPAYMENT_SCHEDULE,),
            legal=True,
        ),
        Notice(
            code="CREDIT_RETURNED",
            sms="The bank returned {amount} of loan {loan_no} ({utr}) to us. You owe nothing on it "
            "now. We will call you about your bank account. {brand_name}",
            subject="Loan {loan_no}: the credit was returned",
            email="Dear {customer_name},\n\nyour bank returned the {amount} we paid for loan "
            "{loan_no}, reference {utr}. The disbursal is undone: no instalment falls due, and the "
            "repayment schedule we sent no longer counts. What you have paid meanwhile is yours. "
            "We will contact you about your bank account." + _SIGN_OFF,
            legal=True,
        ),
        *_STAFF,
        Notice(
            code="PAYMENT_RECEIVED",
            sms="We received {amount} for loan {loan_no}, receipt {receipt_no}. {brand_name}",
        ),
        Notice(
            code="INSTALMENT_OVERDUE",
            sms="The instalment of {due_on} for loan {loan_no} is unpaid: {due_amount} is due. "
            "Penal charge: {penal_terms}. {brand_name}",
        ),
        Notice(
            code="SETTLEMENT_AGREED",
            sms="Loan {loan_no}: {settlement} settles all dues if paid by {pay_by_on}. The letter "
            "is in the e-mail we sent you. {brand_name}",
            subject="Settlement of loan {loan_no}",
            email="Dear {customer_name},\n\nwe agreed to settle all dues of loan {loan_no} for "
            "{settlement}, to be paid as follows: {payments}. If a payment is missed the "
            "settlement is void: all dues are owed again, less what you paid. A settled loan is "
            "reported to the credit bureaus as settled." + _SIGN_OFF,
        ),
        Notice(
            code="SETTLEMENT_VOID",
            sms="The settlement of loan {loan_no} was not paid in time and is void: all dues are "
            "owed again, less what you paid. {brand_name}",
        ),
        Notice(
            code="SETTLED",
            subject="Loan {loan_no} settled",
            email="Dear {customer_name},\n\nthe settlement of loan {loan_no} was paid in full "
            "on {settled_on}. Nothing more is owed. This letter is no no-dues certificate: the "
            "loan is reported to the credit bureaus as settled." + _SIGN_OFF,
        ),
        Notice(
            code="NO_DUES",
            subject="No-dues certificate for loan {loan_no}",
            email="Dear {customer_name},\n\nyour loan {loan_no} is closed and nothing is owed. "
            "The no-dues certificate is attached." + _SIGN_OFF,
            attaches=(DocumentType.NDC,),
            legal=True,
        ),
        Notice(
            code="PRE_DUE",
            sms="{due_amount} of loan {loan_no} falls due on {due_on}. Please keep it ready. "
            "{brand_name}",
        ),
        Notice(
            code="DUE_TODAY",
            sms="{due_amount} of loan {loan_no} is due today, {due_on}. {brand_name}",
        ),
        Notice(
            code="PRE_DEBIT",
            sms="{due_amount} of loan {loan_no} will be debited by your mandate on {due_on}. "
            "Please keep the balance. {brand_name}",
            subject="Debit for loan {loan_no} on {due_on}",
            email="Dear {customer_name},\n\nby your mandate {due_amount} for loan {loan_no} will "
            "be debited from your bank account on {due_on}. To have it stopped, write to us or to "
            "your bank before that day." + _SIGN_OFF,
        ),
        Notice(
            code="OVERDUE",
            sms="{due_amount} of loan {loan_no}, due on {due_on}, is unpaid. Penal charge: "
            "{penal_terms}. {brand_name}",
            subject="Loan {loan_no}: an instalment is unpaid",
            email="Dear {customer_name},\n\n{due_amount} of loan {loan_no} was due on {due_on} and "
            "is unpaid. Penal charge: {penal_terms}. If you cannot pay now, call us: we will "
            "talk about what is possible." + _SIGN_OFF,
        ),
        Notice(
            code="BROKEN_PROMISE",
            sms="We did not receive {due_amount} for loan {loan_no} that you promised for "
            "{due_on}. Penal charge: {penal_terms}. {brand_name}",
        ),
        Notice(
            code="SETTLEMENT_INSTALMENT",
            sms="{due_amount} of the settlement of loan {loan_no} is to be paid by {due_on}; "
            "otherwise the settlement ends and all dues stand. {brand_name}",
        ),
        Notice(
            code="ESIGN_PENDING",
            sms="The agreement for loan {loan_no} waits for your signature until {due_on}. "
            "{brand_name}",
        ),
        Notice(
            code="DOCUMENT_PENDING",
            sms="We still need a document for your application {loan_no}. Please upload it in the "
            "app. {brand_name}",
        ),
        Notice(
            code="INCOMPLETE_APPLICATION",
            sms="Your application {loan_no} is not complete. Please finish it in the app. "
            "{brand_name}",
        ),
        Notice(
            code="OFFER_EXPIRY",
            sms="Our offer for loan {loan_no} ends on {due_on}. {brand_name}",
        ),
        Notice(
            code="MANDATE_EXPIRY",
            sms="The debit mandate of loan {loan_no} ends on {due_on}. Please register a new one. "
            "{brand_name}",
        ),
        Notice(
            code="CLASS_NOTICE",
            sms="Loan {loan_no} is classified {class_name} from {due_on}, as dues are unpaid. "
            "{brand_name}",
            subject="Loan {loan_no}: classified {class_name}",
            email="Dear {customer_name},\n\nas dues of loan {loan_no} are unpaid, the account is "
            "classified {class_name} from {due_on}. This is reported to the credit bureaus. Once "
            "all arrears are paid the account is standard again." + _SIGN_OFF,
        ),
        Notice(
            code="NDC_READY",
            sms="The no-dues certificate of loan {loan_no} is ready in the app. {brand_name}",
            subject="No-dues certificate of loan {loan_no}",
            email="Dear {customer_name},\n\nthe no-dues certificate of loan {loan_no} is attached."
            + _SIGN_OFF,
            attaches=(DocumentType.NDC,),
        ),
        Notice(
            code="RELOAN_INVITE",
            sms="You repaid loan {loan_no} on time. You may apply for another one in the app. "
            "{brand_name}",
        ),
    )
}
"""Every message to customers by its code; a brand may have its own words for each."""
