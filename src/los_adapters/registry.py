"""Which providers there are: one line each, imported when first asked for.

A package of one's own adds providers by the entry point group `los.providers`, whose names are
`port:name` and whose values are `module:PROVIDER`. The memory fakes stand apart: they need no
settings, no brand can choose them, and the contract suite covers them with the rest.
"""

import difflib
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

import httpx
from pydantic import ValidationError

from los_adapters.client import Http, HttpLimits
from los_adapters.directory import Opened, ProviderRow
from los_adapters.provider import Provider, ProviderSettings, origins
from los_core.ports.errors import Unavailable

PROVIDERS: Mapping[str, str] = {
    "bankaccount:razorpayx": "los_adapters.bankaccount.razorpayx:PROVIDER",
    "bureau:equifax": "los_adapters.bureau.equifax:PROVIDER",
    "employment:digitap": "los_adapters.employment.digitap:PROVIDER",
    "esign:signzy": "los_adapters.esign.signzy:PROVIDER",
    "identity:digitap": "los_adapters.identity.digitap:PROVIDER",
    "message:msg91": "los_adapters.message.msg91:PROVIDER",
    "message:smtp": "los_adapters.message.smtp:PROVIDER",
    "payment:razorpay": "los_adapters.payment.razorpay:PROVIDER",
    "payout:idfc": "los_adapters.payout.idfc:PROVIDER",
}

FAKES: Mapping[str, str] = {
    "bankaccount": "los_adapters.bankaccount.memory:MemoryAccounts",
    "bureau": "los_adapters.bureau.memory:MemoryBureau",
    "employment": "los_adapters.employment.memory:MemoryEmployment",
    "esign": "los_adapters.esign.memory:MemorySigner",
    "identity": "los_adapters.identity.memory:MemoryIdentity",
    "message": "los_adapters.message.memory:MemoryMessages",
    "payment": "los_adapters.payment.memory:MemoryPayments",
    "payout": "los_adapters.payout.memory:MemoryBank",
}

MEMORY = "memory"
_GROUP = "los.providers"

AnyProvider = Provider[ProviderSettings, Any]


def names(port: str) -> tuple[str, ...]:
    """Return the providers of a port (its name, such as "payment"), others' packages included."""
    mine = [key for key in {**PROVIDERS, **_others()} if key.startswith(f"{port}:")]
    return tuple(sorted(key.partition(":")[2] for key in mine))


def cases(port: str) -> tuple[str, ...]:
    """Return what the contract suite of a port has to cover: the fake, then every provider."""
    return (MEMORY, *names(port))


def provider(port: str, name: str) -> AnyProvider:
    """Return a provider. Raises: LookupError: there is none; the message has the nearest name."""
    key = f"{port}:{name}"
    if key in PROVIDERS:
        return cast("AnyProvider", _loaded(PROVIDERS[key]))
    others = _others()
    if key not in others:
        known = sorted({**PROVIDERS, **others})
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        raise LookupError(f"no provider {key}; {hint}")
    return cast("AnyProvider", _loaded(others[key]))


def fake(port: str) -> Any:
    """Return a new memory fake of a port."""
    return _loaded(FAKES[port])()


def opened(
    port: str,
    row: ProviderRow,
    *,
    transport: httpx.BaseTransport | None = None,
    limits: HttpLimits | None = None,
) -> Opened:
    """Build the adapter a brand's row describes; `transport` stands in for the network.

    Raises: Unavailable, misconfigured: no such provider, or settings it cannot use. The message
        names the fields, never their values.
    """
    try:
        found = provider(port, row.name)
    except LookupError as err:
        raise _misconfigured(row.name, str(err)) from err
    try:
        settings = found.settings.model_validate(dict(row.settings))
    except ValidationError as err:
        wrong = {".".join(map(str, fault["loc"])) for fault in err.errors(include_input=False)}
        fields = ", ".join(sorted(wrong))
    else:
        http = Http(row.name, origins(settings), transport=transport, limits=limits)
        return Opened(found.build(settings, http), settings.account, http.close)
    raise _misconfigured(row.name, f"settings are wrong or missing: {fields}")


def _misconfigured(name: str, why: str) -> Unavailable:
    return Unavailable(f"{name}: {why}", provider=name, code="SETTINGS", misconfigured=True)


def _others() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=_GROUP)}


def _loaded(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
