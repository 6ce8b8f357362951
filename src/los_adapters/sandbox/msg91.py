"""MSG91, imitated: `POST /api/v5/flow`.

Checks the authkey, the template id (known to the account), the recipients (91 and ten digits, a
person of India's mobile ranges) and that variables are text. Answers as the vendor does: HTTP 200
with `type` success or error. A message reaches the phone's inbox, `World.messages`.
"""

import json
import re
from hashlib import sha256

import httpx

from los_adapters.sandbox.world import World
from los_core.domain.notices import NOTICES

SANDBOX_AUTHKEY = "405661AsandboxKEY6502f1a2P1"
SANDBOX_TEMPLATES = {
    code: sha256(code.encode()).hexdigest()[:24] for code, notice in NOTICES.items() if notice.sms
}
"""Template ids by our codes: every SMS text of ours is registered."""

REFUSED_NUMBER = "9800000091"
"""A number on the operators' block list."""

_TEMPLATE_OF = {template_id: code for code, template_id in SANDBOX_TEMPLATES.items()}
_MOBILE = re.compile(r"91[6-9][0-9]{9}")


def settings(base_url: str) -> dict[str, object]:
    """Return settings of the adapter for the sandbox's account."""
    return {
        "account": "sandbox",
        "base_url": base_url,
        "authkey": SANDBOX_AUTHKEY,
        "templates": dict(SANDBOX_TEMPLATES),
        "sender": "LOSSBX",
    }


class Msg91:
    """The SMS vendor."""

    name = "msg91"

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        refusal = _closed(request)
        if refusal is not None:
            return refusal
        try:
            flow = json.loads(request.content)
        except ValueError:
            return _error(400, "Invalid JSON", "400")
        template = _TEMPLATE_OF.get(str(flow.get("template_id") or flow.get("flow_id")))
        if template is None:
            return _error(200, "Invalid template", "211")
        recipients = flow.get("recipients")
        if not isinstance(recipients, list) or not recipients:
            return _error(200, "Recipients missing", "101")
        for recipient in recipients:
            if (refusal := _refusal(recipient)) is not None:
                return refusal
        request_id = f"sbx{self._world.state(self.name).next_number('request'):021d}"
        for recipient in recipients:
            self._world.tell(
                vendor=self.name,
                channel="SMS",
                to=recipient["mobiles"][2:],
                text=NOTICES[template].sms.format_map(_Values(recipient)),
                variables={key: value for key, value in recipient.items() if key != "mobiles"},
                template=template,
                sender=flow.get("sender", ""),
                request_id=request_id,
            )
        return httpx.Response(200, json={"type": "success", "message": request_id})


class _Values(dict[str, str]):
    """A template's values; the vendor leaves out what it is not given."""

    def __missing__(self, key: str) -> str:
        return ""


def _closed(request: httpx.Request) -> httpx.Response | None:
    if (request.method, request.url.path) != ("POST", "/api/v5/flow"):
        return _error(404, "Not Found", "404")
    if request.headers.get("authkey") != SANDBOX_AUTHKEY:
        return _error(200, "Authentication failure", "207")
    return None


def _refusal(recipient: object) -> httpx.Response | None:
    if not isinstance(recipient, dict):
        return _error(200, "Recipients missing", "101")
    mobiles = recipient.get("mobiles")
    if not isinstance(mobiles, str) or not _MOBILE.fullmatch(mobiles):
        return _error(200, "Invalid mobile number", "202")
    if not all(isinstance(value, str) for value in recipient.values()):
        return _error(200, "Variables must be text", "400")
    if mobiles[2:] == REFUSED_NUMBER:
        return _error(200, "Number blocked", "17")
    return None


def _error(status: int, message: str, code: str) -> httpx.Response:
    return httpx.Response(status, json={"type": "error", "message": message, "code": code})
