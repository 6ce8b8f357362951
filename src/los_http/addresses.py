"""Where a request comes from, and which brand its host is.

A forwarded address is believed from proxies of ours only, and then the right-most one that no such
proxy added: what stands further left is the client's word. An IPv6 customer has a whole /64.
Source: reliability design §15; threat rows 33, 92.
"""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import attrs
from litestar.connection import ASGIConnection
from litestar.types import Scope

from los_core.domain.ids import BrandId
from los_core.services.identity import Identity

Network = IPv4Network | IPv6Network
HOSTS: Final = "hosts"
"""The name under which `Hosts` is in the application's state."""


@attrs.frozen(kw_only=True)
class Hosts:
    """How hosts and addresses are read.

    Attributes:
        brand_domain: hosts one label below it are brands' own; "" where there are none.
        proxies: networks of our own reverse proxies.
    """

    brand_domain: str = ""
    proxies: Collection[Network] = ()

    def subdomain(self, host: str) -> str | None:
        """Return the brand's label of a Host header; None where it is no brand's host."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        label, _, rest = name.lower().rstrip(".").partition(".")
        return label if self.brand_domain and rest == self.brand_domain and label else None

    def client(self, scope: Scope) -> str:
        """Return the address that limits are counted by; "" where there is none."""
        peer = scope.get("client")
        found = _plain(peer[0]) if peer else ""
        told = [
            part.strip()
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
            for part in value.decode("latin-1").split(",")
        ]
        while told and self._is_ours(found):
            forwarded = _plain(told.pop())
            if not forwarded:
                break
            found = forwarded
        return found

    def _is_ours(self, text: str) -> bool:
        if not text:
            return False
        address = ip_address(text)
        return any(address in network for network in self.proxies)


def address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the client's address."""
    hosts: Hosts = connection.app.state[HOSTS]
    return hosts.client(connection.scope)


def brand_of(
    connection: ASGIConnection[Any, Any, Any, Any], identity: Identity, brand_id: BrandId | None
) -> BrandId:
    """Return the brand that a request without a token is about. Raises: as `Identity.brand`."""
    hosts: Hosts = connection.app.state[HOSTS]
    host = connection.headers.get("host", "")
    return identity.brand(subdomain=hosts.subdomain(host), brand_id=brand_id)


def _plain(text: str) -> str:
    """Return an address in its one form, an IPv4 one inside IPv6 as itself; "" for none."""
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
