"""Access tokens as JWTs signed by Ed25519, by several keys at once while one takes another's place.

The key named in the header decides the algorithm, never the header itself. The first key of the
ring signs, all of them verify. Claims hold ids only.
Source: reliability design §8; RFC 9068 (`at+jwt`), RFC 8037 (EdDSA), RFC 8725 (practices).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from los_adapters.keys import Key
from los_core.domain.errors import Unauthenticated
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.tokens import Audience, Claims

ALGORITHM: Final = "EdDSA"
TYPE: Final = "at+jwt"
LEEWAY_S: Final = 30
"""How far the clocks of two machines may differ."""
_REQUIRED: Final = ["exp", "iat", "iss", "aud", "sub", "jti", "sid", "sv"]


class JwtTokens:
    """Signs and reads tokens of one issuer."""

    def __init__(self, ring: Sequence[Key], *, issuer: str, clock: Clock, entropy: Entropy) -> None:
        private = {key.id: Ed25519PrivateKey.from_private_bytes(key.secret) for key in ring}
        self._signs_id = ring[0].id
        self._signs = private[self._signs_id]
        self._public = {key_id: key.public_key() for key_id, key in private.items()}
        self._issuer = issuer
        self._clock = clock
        self._entropy = entropy

    def issue(self, claims: Claims) -> str:
        """Return a signed token."""
        told = {
            "iss": self._issuer,
            "aud": claims.audience,
            "sub": str(claims.subject),
            "sid": str(claims.session),
            "sv": claims.version,
            "jti": str(self._entropy.uuid()),
            "iat": int(self._clock.now().timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        if claims.brand_id is not None:
            told["brand"] = str(claims.brand_id)
        headers = {"typ": TYPE, "kid": self._signs_id}
        return jwt.encode(told, self._signs, algorithm=ALGORITHM, headers=headers)

    def read(self, token: str, *audiences: Audience) -> Claims:
        """Return the claims; see the port. Instants are whole seconds."""
        try:
            return self._read(token, audiences)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as err:
            raise Unauthenticated("the access token is not good here") from err

    def _read(self, token: str, audiences: Sequence[Audience]) -> Claims:
        header = jwt.get_unverified_header(token)
        public = self._public.get(header.get("kid", ""))
        if public is None or header.get("typ") != TYPE:
            raise ValueError("not a token of ours")
        told: dict[str, Any] = jwt.decode(
            token,
            public,
            algorithms=[ALGORITHM],
            audience=audiences,
            issuer=self._issuer,
            # Time is told by our clock, below: the library would ask the machine's.
            options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        # One audience, as text: a list would make a token good for several.
        ids = [told["sub"], told["sid"], told.get("brand", "")]
        plain = isinstance(told["sv"], int) and all(isinstance(each, str) for each in ids)
        if told["aud"] not in audiences or not plain:
            raise ValueError("not a token of ours")
        expires_at = datetime.fromtimestamp(told["exp"], UTC)
        now = self._clock.now().timestamp()
        if told["exp"] + LEEWAY_S <= now or told["iat"] - LEEWAY_S > now:
            raise ValueError("expired, or not yet issued")
        return Claims(
            audience=told["aud"],
            subject=UUID(told["sub"]),
            session=UUID(told["sid"]),
            version=told["sv"],
            brand_id=UUID(told["brand"]) if "brand" in told else None,
            expires_at=expires_at,
        )
