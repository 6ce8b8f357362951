"""The vendors the sandbox imitates: one line each. A file is imported when it is first asked."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

import httpx

from los_adapters.sandbox.world import World

VENDORS: Mapping[str, str] = {
    "digitap": "los_adapters.sandbox.digitap:Digitap",
    "equifax": "los_adapters.sandbox.equifax:Equifax",
    "idfc": "los_adapters.sandbox.idfc:Idfc",
    "msg91": "los_adapters.sandbox.msg91:Msg91",
    "razorpay": "los_adapters.sandbox.razorpay:Razorpay",
    "razorpayx": "los_adapters.sandbox.razorpayx:RazorpayX",
    "signzy": "los_adapters.sandbox.signzy:Signzy",
}


class Vendor(Protocol):
    """One imitated company.

    May also have `actions() -> Mapping[str, Callable[..., object]]`: what a person can do there,
    offered on the page of controls. Its module may have `RETRIES`, the waits in seconds before
    each further try of a webhook.
    """

    name: str

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request whose path is the vendor's own.

        Raises httpx.ReadTimeout for silence and httpx.ReadError for a connection cut.
        """
        ...


def vendor(name: str, world: World) -> Vendor:
    """Open a vendor in a world. Raises: KeyError: the sandbox has none of that name."""
    module, _, attribute = VENDORS[name].partition(":")
    opened: Callable[[World], Any] = getattr(import_module(module), attribute)
    return cast("Vendor", opened(world))


def settings(name: str, base_url: str) -> dict[str, object]:
    """Return adapter settings that fit an imitated vendor at `base_url`. Raises: KeyError."""
    module = import_module(VENDORS[name].partition(":")[0])
    return dict(module.settings(base_url))


def retries(name: str) -> tuple[float, ...]:
    """Return a vendor's waits between the tries of a webhook, in seconds."""
    if name not in VENDORS:
        return ()
    module = import_module(VENDORS[name].partition(":")[0])
    return tuple(getattr(module, "RETRIES", ()))
