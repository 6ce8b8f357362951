"""What a person, a test or the demo can see and do in the sandbox: JSON under `/_sandbox/`.

    GET    health · messages?to= · personas · webhooks?vendor= · faults · actions · state/<vendor>
    POST   faults {vendor, kind, operation?, times?, seconds?} · actions/<vendor>/<action> {…}
           webhooks/<number>/again · webhooks/release {vendor}
    DELETE faults · faults/<key>

The same as a page at `/_sandbox/`, drawn in `page`. Only this machine may ask, and no web page
from elsewhere: the Host must be loopback and an Origin, if sent, the sandbox's own.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import parse_qsl

import attrs
import httpx

from los_adapters.client import is_loopback
from los_adapters.sandbox import page
from los_adapters.sandbox.faults import Fault, FaultKind
from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.vendors import VENDORS

PREFIX = "/_sandbox"

_FORM = "application/x-www-form-urlencoded"


class Controls:
    """The controls of one sandbox: a function from request to response."""

    def __init__(self, switchboard: Switchboard, *, smtp_port: int | None = None) -> None:
        self._switchboard = switchboard
        self._world = switchboard.world
        self._smtp_port = smtp_port

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request below `/_sandbox/`; what it cannot do is 400, 403 or 404."""
        if not _is_local(request):
            return _error(403, "the sandbox answers to this machine only")
        path = request.url.path.removeprefix(PREFIX).strip("/")
        what, _, rest = path.partition("/")
        asked = self._routes().get((request.method, what))
        if asked is None:
            return _error(404, f"no {request.method} {what!r} here")
        try:
            answer = asked(rest, _fields(request))
        except (KeyError, TypeError, ValueError) as err:
            return _error(400, f"{type(err).__name__}: {err}")
        if isinstance(answer, httpx.Response):
            return answer
        if request.method == "POST" and request.headers.get("content-type", "") == _FORM:
            return httpx.Response(303, headers={"location": f"{PREFIX}/#{what}"})
        return httpx.Response(200, text=_json(answer), headers={"content-type": "application/json"})

    def actions(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return what can be done at each vendor: vendor → action → names of its fields."""
        return {
            vendor: {
                name: tuple(inspect.signature(action).parameters)
                for name, action in self._actions_of(vendor).items()
            }
            for vendor in VENDORS
            if self._actions_of(vendor)
        }

    def _routes(self) -> Mapping[tuple[str, str], Callable[[str, dict[str, str]], object]]:
        return {
            ("GET", ""): self._page,
            ("GET", "health"): self._health,
            ("GET", "messages"): self._messages,
            ("GET", "personas"): lambda _rest, _fields: list(map(_person, self._world.personas)),
            ("GET", "webhooks"): self._webhooks,
            ("POST", "webhooks"): self._send_webhook,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._switch,
            ("DELETE", "faults"): self._switch_off,
            ("GET", "actions"): lambda _rest, _fields: self.actions(),
            ("POST", "actions"): self._act,
            ("GET", "state"): lambda rest, _fields: self._world.state(rest).all(),
        }

    def _health(self, _rest: str, _fields: dict[str, str]) -> object:
        return {
            "status": "ok",
            "businessTime": self._world.clock().isoformat(),
            "baseUrl": self._world.base_url,
            "smtpPort": self._smtp_port,
            "vendors": sorted(VENDORS),
        }

    def _messages(self, _rest: str, fields: dict[str, str]) -> object:
        return self._world.messages(fields.get("to"))

    def _webhooks(self, _rest: str, fields: dict[str, str]) -> object:
        vendor = fields.get("vendor")
        return [
            {
                "number": post.number,
                "vendor": post.vendor,
                "url": post.url,
                "eventId": post.event_id,
                "state": post.state,
                "tries": post.tries,
                "answer": post.answer,
                "body": post.body.decode("utf-8", "replace"),
            }
            for post in self._world.courier.posts()
            if vendor in (None, post.vendor)
        ]

    def _send_webhook(self, rest: str, fields: dict[str, str]) -> object:
        if rest == "release":
            return {"released": self._world.courier.release(fields["vendor"])}
        number, _, again = rest.partition("/")
        if again != "again":
            raise KeyError(rest)
        self._world.courier.again(int(number))
        return {"number": int(number), "state": "queued"}

    def _faults(self, _rest: str, _fields: dict[str, str]) -> object:
        faults = self._switchboard.faults.on()
        return {key: attrs.asdict(fault) for key, fault in faults.items()}

    def _switch(self, rest: str, fields: dict[str, str]) -> object:
        if rest == "off":  # a form cannot say DELETE
            return self._switch_off(fields.get("key", ""), {})
        times = str(fields.get("times") or "")
        fault = Fault(
            vendor=fields["vendor"],
            kind=FaultKind(fields["kind"]),
            operation=fields.get("operation", ""),
            times=int(times) if times else None,
            seconds=float(fields.get("seconds") or 1),
        )
        return {"key": self._switchboard.faults.switch_on(fault)}

    def _switch_off(self, rest: str, _fields: dict[str, str]) -> object:
        self._switchboard.faults.switch_off(rest or None)
        return {"off": rest or "all"}

    def _act(self, rest: str, fields: dict[str, str]) -> object:
        vendor, _, action = rest.partition("/")
        if vendor not in VENDORS or action not in self._actions_of(vendor):
            raise KeyError(rest)
        with self._world.turn():
            return {"result": self._actions_of(vendor)[action](**fields)}

    def _actions_of(self, vendor: str) -> Mapping[str, Callable[..., object]]:
        company = self._switchboard.vendor(vendor)
        offered: Callable[[], Mapping[str, Callable[..., object]]] | None
        offered = getattr(company, "actions", None)
        return offered() if offered is not None else {}

    def _page(self, _rest: str, _fields: dict[str, str]) -> object:
        text = page.drawn(
            self._world,
            self._switchboard.faults.on(),
            self.actions(),
            smtp_port=self._smtp_port,
        )
        return httpx.Response(200, html=text)


def _is_local(request: httpx.Request) -> bool:
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    try:
        named = httpx.URL(f"http://{host}").host
    except httpx.InvalidURL:
        return False
    return is_loopback(named) and origin in (None, f"http://{host}")


def _fields(request: httpx.Request) -> dict[str, str]:
    """Return the query of a GET, else the body: a form's fields or a JSON object."""
    if request.method == "GET":
        return dict(request.url.params.items())
    if request.headers.get("content-type", "") == _FORM:
        return dict(parse_qsl(request.content.decode()))
    fields = json.loads(request.content or b"{}")
    if not isinstance(fields, dict):
        raise TypeError("a JSON object is wanted")
    return fields


def _person(persona: Persona) -> dict[str, object]:
    return {
        **attrs.asdict(persona),
        "full_name": persona.full_name,
        "aadhaar_name": persona.aadhaar_name,
    }


def _json(answer: object) -> str:
    def plain(value: object) -> object:
        if isinstance(value, frozenset):
            return sorted(value)
        if isinstance(value, date):
            return value.isoformat()
        return str(value)

    return json.dumps(answer, default=plain, ensure_ascii=False)


def _error(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"message": message})
