"""What a vendor's file offers: its settings and the adapter built from them.

Every provider file ends with a `PROVIDER`, where the type checker proves that the adapter serves
its port. Which names exist is in `registry`; which a brand uses is in `directory`.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs
from pydantic import BaseModel

from los_adapters.client import Http


class ProviderSettings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """What every vendor's settings share; secrets among the rest are `SecretStr`.

    Fields named `base_url` or `…_url` are the vendor's origins: its client goes there and nowhere
    else.

    Attributes:
        account: the brand's account id at the vendor; with the vendor's name it scopes their ids.
        file_hosts: further hosts or origins the vendor serves files from.
    """

    account: str
    file_hosts: tuple[str, ...] = ()


S = TypeVar("S", bound=ProviderSettings)
P = TypeVar("P")


@attrs.frozen
class Provider(Generic[S, P]):
    """A way to reach one vendor for one capability.

    Attributes:
        settings: the model a brand's stored settings are read with.
        build: makes the adapter; usually the adapter's class itself.
    """

    settings: type[S]
    build: Callable[[S, Http], P]


def origins(settings: ProviderSettings) -> tuple[str, ...]:
    """Return the addresses the settings allow: every `base_url` and `…_url`, then `file_hosts`.

    A bare host among `file_hosts` means https.
    """
    urls = [
        value
        for field in type(settings).model_fields
        if field.endswith("_url") and isinstance(value := getattr(settings, field), str) and value
    ]
    hosts = [host if "://" in host else f"https://{host}" for host in settings.file_hosts]
    return (*urls, *hosts)
