"""Commands that a client may repeat: the same key is carried out once and answered alike.

Here a request becomes a `Once` for the service, and a stored answer becomes bytes again. What is
stored, and what a repeat meets while the first is at work, is the store's (design decision D13).
"""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar, cast

import attrs
import msgspec
from litestar import MediaType, Request, Response
from litestar.params import HeaderParameter

from los_core.domain.errors import Invalid
from los_core.ports.work import Answer, Once, Replayed
from los_core.services.callers import CustomerCaller, StaffCaller

REPLAY: Final = "Idempotent-Replay"
MAX_KEY: Final = 255

T = TypeVar("T")
V = TypeVar("V")

_ABOUT: Final = (
    "Your name for this command, ASCII, at most 255 characters. The same key with the same content"
    " is carried out once and answered with the same bytes; with another content it is refused."
)
OptionalKey = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", description=_ABOUT, required=False)
]
RequiredKey = Annotated[str, HeaderParameter(name="Idempotency-Key", description=_ABOUT)]


@attrs.frozen(kw_only=True)
class Promise:
    """One command of one caller. `key` None: the client makes no promise, nothing is stored."""

    scope: str
    path: str
    key: str | None

    def keep(
        self,
        do: Callable[[Once | None], T],
        view: Callable[[T], V],
        *,
        of: msgspec.Struct | None = None,
        status: int = 200,
    ) -> Response[V]:
        """Carry the command out and answer with the view of what the service returns.

        `of` is the request's content: with the path it is what a repeat must have in common.
        """
        rendered: list[Answer] = []

        def render(result: Any) -> Answer:
            rendered[:] = [Answer(status, msgspec.json.encode(view(result)))]
            return rendered[0]

        once = None
        if self.key is not None:
            once = Once(scope=self.scope, key=self.key, request_hash=self._hash(of), render=render)
        try:
            result = do(once)
        except Replayed as before:
            return _response(before.answer, replay=True)
        # What was stored is what is told, also the first time.
        return _response(rendered[0] if rendered else render(result), replay=False)

    def _hash(self, content: msgspec.Struct | None) -> str:
        canonical = msgspec.json.encode(content, order="sorted")
        return hashlib.sha256(self.path.encode() + b"\n" + canonical).hexdigest()


def promise(request: Request[Any, Any, Any], idempotency_key: OptionalKey = None) -> Promise:
    """Return the promise of a command whose key is the client's choice."""
    return _promise(request, idempotency_key)


def firm_promise(request: Request[Any, Any, Any], idempotency_key: RequiredKey) -> Promise:
    """Return the promise of a command that moves money: it has a key or is not taken."""
    return _promise(request, idempotency_key)


def _promise(request: Request[Any, Any, Any], key: str | None) -> Promise:
    if key is not None and not _usable(key):
        raise Invalid(
            "the key is not usable",
            fields=[("Idempotency-Key", f"must be 1 to {MAX_KEY} printable ASCII characters")],
        )
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, CustomerCaller | StaffCaller), "commands are for known callers"
    subject = (
        f"web:{caller.customer_id}"
        if isinstance(caller, CustomerCaller)
        else f"partner:{caller.staff_id}"
    )
    template = f"{request.method} {request.scope['path_template']}"
    return Promise(scope=f"{subject}:{template}", path=request.scope["path"], key=key)


def _usable(key: str) -> bool:
    return key.isascii() and key.isprintable() and 0 < len(key.strip()) <= len(key) <= MAX_KEY


def _response(answer: Answer, *, replay: bool) -> Response[Any]:
    response = Response(
        answer.body,
        status_code=answer.status,
        media_type=MediaType.JSON,
        headers={REPLAY: "true"} if replay else {},
    )
    return cast("Response[Any]", response)
