"""A request as it goes out, and a case: a request that must be refused."""

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Ask:
    """A request as it goes out; `chunked` declares no length."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str | bytes] = attrs.field(factory=dict)
    content: bytes = b""
    chunked: bool = False

    def having(self, **headers: str | bytes | None) -> "Ask":
        """Return the request with headers changed; None takes one away."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in self.headers.items() if name not in told}
        added = {name: value for name, value in told.items() if value is not None}
        return attrs.evolve(self, headers=kept | added)


@attrs.frozen(kw_only=True)
class Case:
    """A request that must be refused.

    Attributes:
        fields: the fields that `message` names, exactly; None where it is a sentence or either.
        twin: refusals of one operation with the same twin are the same but for time and path.
    """

    name: str
    ask: Ask
    status: tuple[int, ...]
    code: str = ""
    fields: tuple[str, ...] | None = None
    twin: str = ""
