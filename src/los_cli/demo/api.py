"""The demo's view of the API: one client a person, over real HTTP, that can be asked twice.

Commands carry a key that follows from the step, so that a step done again after a crash is the
same command. What is not ready yet is waited for, for a while; everything else is an error.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import httpx

from los_cli.demo.children import Children

PATIENCE_S: Final = 45.0
_WAITABLE: Final = {"IN_PROGRESS", "NOT_READY", "BUSY"}


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.request.method} {response.request.url.path}: {response.text}")
        self.status = response.status_code
        self.body: dict[str, Any] = response.json()

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.body.get("code", ""))


@attrs.define(kw_only=True)
class Api:
    """A caller of the API.

    Attributes:
        tokens: access and refresh token, {} before the log-in.
        log_in: gets tokens, called when there are none or they are no longer good.
        kept: called with new tokens, to remember them.
    """

    base_url: str
    children: Children
    log_in: Callable[[], Mapping[str, str]]
    refresh_path: str
    kept: Callable[[Mapping[str, str]], None]
    tokens: dict[str, str] = attrs.field(factory=dict)
    http: httpx.Client = attrs.field(
        factory=lambda: httpx.Client(timeout=15.0, trust_env=False), repr=False
    )

    def get(self, path: str, **params: object) -> Any:
        """GET a path below /api/v1 and return its JSON."""
        return self._call("GET", path, params=params).json()

    def fetch(self, path: str, accept: str) -> httpx.Response:
        """GET a path in another representation."""
        return self._call("GET", path, headers={"accept": accept})

    def post(self, path: str, body: object = None, *, key: str = "") -> Any:
        """POST JSON and return the answer's JSON; `key` names the command."""
        headers = {"idempotency-key": key} if key else {}
        response = self._call("POST", path, json=body if body is not None else {}, headers=headers)
        return response.json() if response.content else {}

    def upload(self, path: str, content: bytes, name: str) -> Any:
        """POST a PDF as a multipart form."""
        files = {"file": (name, content, "application/pdf")}
        return self._call("POST", path, files=files).json()

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_S
        renewed = False
        while True:
            self.children.check()
            try:
                response = self._once(method, path, request)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
                continue
            if response.status_code == httpx.codes.UNAUTHORIZED and not renewed:
                renewed = True
                self._renew()
                continue
            if response.is_success:
                return response
            refusal = Refused(response)
            waitable = (
                refusal.code in _WAITABLE or refusal.status == httpx.codes.SERVICE_UNAVAILABLE
            )
            if not waitable or time.monotonic() > deadline:
                raise refusal
            time.sleep(0.2)

    def _once(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        if not self.tokens:
            self._keep(self.log_in())
        headers = {
            **request.get("headers", {}),
            "authorization": f"Bearer {self.tokens['accessToken']}",
        }
        rest = {name: value for name, value in request.items() if name != "headers"}
        return self.http.request(method, f"{self.base_url}/api/v1{path}", headers=headers, **rest)

    def _renew(self) -> None:
        answer = self.http.post(
            f"{self.base_url}/api/v1{self.refresh_path}",
            json={"refreshToken": self.tokens.get("refreshToken", "")},
        )
        self._keep(answer.json() if answer.is_success else self.log_in())

    def _keep(self, tokens: Mapping[str, str]) -> None:
        self.tokens = dict(tokens)
        self.kept(tokens)


def public(base_url: str, method: str, path: str, body: object = None) -> httpx.Response:
    """Call a public route."""
    return httpx.request(
        method, f"{base_url}/api/v1{path}", json=body, timeout=15.0, trust_env=False
    )
