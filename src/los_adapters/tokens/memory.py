"""Access tokens for services in memory: random words, with what they mean in a dictionary."""

import threading

from los_core.domain.errors import Unauthenticated
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.tokens import Audience, Claims


class MemoryTokens:
    """Issues tokens that only this instance can read."""

    def __init__(self, *, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._issued: dict[str, Claims] = {}

    def issue(self, claims: Claims) -> str:
        """Return a token that means `claims`."""
        token = self._entropy.token()
        with self._lock:
            self._issued[token] = claims
        return token

    def read(self, token: str, *audiences: Audience) -> Claims:
        """Return the claims; see the port."""
        with self._lock:
            claims = self._issued.get(token)
        if claims is None or claims.audience not in audiences:
            raise Unauthenticated("the access token is not good here")
        if claims.expires_at <= self._clock.now():
            raise Unauthenticated("the access token is not good here")
        return claims
