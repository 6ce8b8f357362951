"""MSG91: SMS by template.

API: flow API v5, `POST /api/v5/flow` (docs.msg91.com). Our one-time codes travel as a variable of
    our own template: the vendor's OTP calls are not used, so it never decides what a code is worth.
Auth: header `authkey`; addresses may be allow-listed in its panel.
Units: mobiles as 91 and ten digits.
Idempotency: none. A send without an answer is `Unknown`, and cannot be looked up by our id.
Webhook: delivery reports, unsigned; not read here.
Limits: the template must be mapped in the vendor's panel to the one registered under India's DLT
    rules; text and header are the registered ones.
Inferred: the numbers of its errors, which are those of its older API. HTTP 200 may carry an error:
    `type` decides.
"""

import re
from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from los_adapters.client import Http
from los_adapters.provider import Provider, ProviderSettings
from los_core.ports.errors import ProviderError, Unavailable
from los_core.ports.message import Accepted, Channel, Message, MessageSender, Trace

_PHONE = re.compile(r"[6-9][0-9]{9}")

_OURS = frozenset({"106", "201", "207", "208", "301", "302", "303", "418"})
"""Key, address or account refused, or no balance: another provider may be asked, people told."""

_CLOSED_ROUTE = "306"
_INTERNAL = "601"


class Settings(ProviderSettings, frozen=True):
    """A brand's account at MSG91.

    Attributes:
        templates: our template codes → MSG91's template ids.
        sender: the registered header, "" for the template's own.
    """

    base_url: str = "https://control.msg91.com"
    authkey: SecretStr
    templates: dict[str, str]
    sender: str = ""


class _Answer(BaseModel, frozen=True):
    type: Literal["success", "error"]
    message: str = Field(min_length=1)
    code: int | str = ""


class Msg91:
    """Sends SMS through MSG91."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    @property
    def channels(self) -> frozenset[Channel]:
        """SMS only."""
        return frozenset({Channel.SMS})

    def send(self, message: Message) -> Accepted:
        """Hand one SMS over, as the port says.

        A template that is not mapped is `Unavailable`, misconfigured: another provider may have it.
        """
        if message.channel not in self.channels:
            raise self._http.rejected("send", "CHANNEL")
        if not _PHONE.fullmatch(message.to):
            raise self._http.rejected("send", "RECIPIENT")
        template_id = self._settings.templates.get(message.template)
        if template_id is None:
            raise self._http.misconfigured("send", f"TEMPLATE {message.template} NOT MAPPED")
        response = self._http.call(
            "POST",
            f"{self._settings.base_url}/api/v5/flow",
            operation="send",
            effect=True,
            headers={"authkey": self._settings.authkey.get_secret_value()},
            json=_wire(message, template_id, self._settings.sender),
        )
        answer = self._http.parsed(response, _Answer, effect=True)
        if answer.type == "error" or response.is_error:
            raise self._refusal(str(answer.code) or str(response.status_code))
        return Accepted(self._http.name, answer.message)

    def trace(self, message_id: str) -> Trace:  # noqa: ARG002 # the port's
        """Its logs know the vendor's own request ids only, and a lost answer took that with it."""
        return Trace.CANNOT_TELL

    def _refusal(self, code: str) -> ProviderError:
        if code in _OURS:
            return self._http.misconfigured("send", code)
        if code == _CLOSED_ROUTE:
            return Unavailable("msg91: send: route closed", provider=self._http.name, code=code)
        if code == _INTERNAL:
            return self._http.unreadable("send", "internal error", effect=True)
        return self._http.rejected("send", code)


def _wire(message: Message, template_id: str, sender: str) -> dict[str, object]:
    recipient = {**message.variables, "mobiles": f"91{message.to}"}
    body: dict[str, object] = {
        "template_id": template_id,
        "short_url": "0",
        "recipients": [recipient],
    }
    return {**body, "sender": sender} if sender else body


PROVIDER: Provider[Settings, MessageSender] = Provider(Settings, Msg91)
