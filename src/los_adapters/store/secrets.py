"""Secrets of the installation itself, sealed by its own data key: staff's second factors."""

import attrs
from sqlalchemy import Engine

from los_adapters.store.engine import busy_told, reading
from los_adapters.store.keyring import Keyring, Keys
from los_adapters.store.scope import of_brand
from los_core.domain.ids import PLATFORM


@attrs.frozen(eq=False)
class SqlSecrets:
    """Seals for whoever keeps the value; each call is one transaction."""

    engine: Engine
    keys: Keys = attrs.field(repr=False)

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt; see the port."""
        with busy_told(), self.engine.begin() as connection:
            of_brand(connection, PLATFORM)
            return Keyring(connection, PLATFORM, self.keys).sealing(PLATFORM).seal(place, plain)

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt; see the port."""
        with busy_told(), reading(self.engine).connect() as connection:
            of_brand(connection, PLATFORM)
            key = Keyring(connection, PLATFORM, self.keys).opening(sealed)
            return key.open(place, sealed)
