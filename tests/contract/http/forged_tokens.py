"""Access tokens that say what a good one says, and are not good.

Source: threat table rows 21–30; RFC 8725.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.contract.http.installation import ISSUER, Installation


def forged(made: Installation, token: str) -> Iterator[tuple[str, str]]:
    """Yield tokens that say what a good one says, and were not made by us as we make them."""
    claims = jwt.decode(token, options={"verify_signature": False})
    header = {"typ": "at+jwt", "kid": "test"}
    ours = Ed25519PrivateKey.from_private_bytes(made.keys.jwt[0].secret)
    public = ours.public_key().public_bytes_raw()
    now = int(made.clock.now().timestamp())
    body, signature = token.rsplit(".", 1)

    def signed(changes: Mapping[str, Any], **headers: str) -> str:
        return jwt.encode({**claims, **changes}, ours, "EdDSA", headers=header | headers)

    yield "alg none", jwt.encode(claims, "", "none", headers=header)
    yield "HS256 by our public key", jwt.encode(claims, public, "HS256", headers=header)
    yield "another key's", jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", headers=header)
    yield "no signature", f"{body}."
    yield "a changed signature", f"{body}.{signature[:-8]}AAAAAAAA"
    yield "an unknown key id", signed({}, kid="../../dev/null")
    yield "another type", signed({}, typ="JWT")
    yield "expired", signed({"exp": now - int(timedelta(minutes=2).total_seconds())})
    yield "never expiring", signed({"exp": 10**30})
    yield "from the future", signed({"iat": now + 86_400, "exp": now + 90_000})
    yield "another issuer's", signed({"iss": f"{ISSUER}.evil.example"})
    yield "for two audiences", signed({"aud": ["web", "partner"]})
    yield "of nobody", signed({"sub": str(UUID(int=0)), "sid": str(UUID(int=0))})
    yield "of an older version", signed({"sv": 0})
    yield "of a strange version", signed({"sv": "1"})
    yield "with a strange subject", signed({"sub": "' OR 1=1 --"})
