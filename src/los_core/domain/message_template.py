"""A brand's own words for what it writes to customers, by channel and language.

A template takes the place of the built-in words of a notice (`notices`). It may use the fields that
the built-in words use and those every notice has, so that it can always be filled. An SMS carries
the id under which its text is registered with the operators (DLT).
Source: data model §4 (MessageTemplate); operations §2 (DLT; penal charge in reminders of dues).
"""

import re
import string
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.notices import NOTICES, Channel

EVERYWHERE: Final = frozenset({"brand_name", "grievance", "customer_name", "loan_no", "amount"})
"""Fields that every notice about a loan has."""
DEFAULT_LANGUAGE: Final = "en"
TEMPLATED: Final = frozenset(
    code for code in NOTICES if code not in ("OTP", "STAFF_CODE") and not code.startswith("PAYOUT_")
)
"""Notices to customers about a loan: codes are as registered, alarms to staff are ours."""
LONGEST: Final = {Channel.SMS: 1_000, Channel.WHATSAPP: 1_024, Channel.EMAIL: 20_000}
_DLT: Final = re.compile(r"[0-9]{10,25}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)


@attrs.frozen(kw_only=True)
class MessageTemplate:
    """The words of one notice on one channel in one language.

    Attributes:
        code: the notice's.
        language: a language tag such as "en" or "hi".
        dlt_template_id: digits; of an SMS only.
        subject: of an e-mail only.
        body: with fields in braces.

    Raises: Invalid: with every field that is wrong.
    """

    code: str
    channel: Channel
    language: str = DEFAULT_LANGUAGE
    dlt_template_id: str = ""
    subject: str = ""
    body: str
    active: bool = True

    def __attrs_post_init__(self) -> None:
        if faults := list(self._faults()):
            raise Invalid("no such template", fields=faults)

    @property
    def key(self) -> str:
        """One for a notice, a channel and a language."""
        return f"{self.code}|{self.channel}|{self.language}"

    def words(self, channel: Channel, values: Mapping[str, str]) -> tuple[str, str]:
        """Return (subject, text) with every field filled, as a notice does."""
        assert channel is self.channel, "words are of one channel"
        return self.subject.format_map(values), self.body.format_map(values)

    def _faults(self) -> Iterable[tuple[str, str]]:
        if self.code not in TEMPLATED:
            yield "code", "is not the code of a notice to customers about their loan"
        if not _LANGUAGE.fullmatch(self.language):
            yield "language", "must be a language tag such as en or hi"
        is_sms, is_mail = self.channel is Channel.SMS, self.channel is Channel.EMAIL
        if is_sms != bool(_DLT.fullmatch(self.dlt_template_id)) or (
            self.dlt_template_id and not is_sms
        ):
            yield "dltTemplateId", "an SMS has its DLT id of 10 to 25 digits, others none"
        if is_mail != bool(self.subject.strip()):
            yield "subject", "an e-mail has a subject, others none"
        if not 0 < len(self.body.strip()) <= LONGEST[self.channel]:
            yield "body", f"must have 1 to {LONGEST[self.channel]} letters"
        for name, text in (("subject", self.subject), ("body", self.body)):
            if complaint := self._field_fault(text):
                yield name, complaint

    def _field_fault(self, text: str) -> str | None:
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            return "its braces do not pair"
        if any(spec or conversion for _, name, spec, conversion in parts if name is not None):
            return "a field is a name in braces and nothing else"
        used = {name for _, name, _, _ in parts if name is not None}
        if self.code in TEMPLATED and (unknown := sorted(used - fields_of(self.code))):
            return f"not a field of the notice: {', '.join(unknown)}"
        if self.code in TEMPLATED and text is self.body and self._lacks_penal(used):
            return "a reminder of dues names the penal charge: {penal_terms}"
        return None

    def _lacks_penal(self, used: set[str]) -> bool:
        return PENAL_FIELD in fields_of(self.code) and PENAL_FIELD not in used


PENAL_FIELD: Final = "penal_terms"


def fields_of(code: str) -> frozenset[str]:
    """Return the fields that a notice can be filled with."""
    notice = NOTICES[code]
    texts = (notice.sms, notice.subject, notice.email)
    used = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    return EVERYWHERE | used


def chosen(
    templates: Iterable[MessageTemplate], code: str, channel: Channel, language: str
) -> MessageTemplate | None:
    """Return the template in force for a notice: in the language, else in English, else None."""
    mine = {
        each.language: each
        for each in templates
        if each.active and (each.code, each.channel) == (code, channel)
    }
    return mine.get(language) or mine.get(DEFAULT_LANGUAGE)
