"""Tokens, passwords, codes, clocks and chance, by their laws; and what is their own."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from los_adapters.clock import FileClock, FixedClock, WallClock
from los_adapters.entropy import SeededEntropy, SystemEntropy
from los_adapters.keys import Key
from los_adapters.passwords.bcrypt import ROUNDS, BcryptPasswords
from los_adapters.passwords.codes import KeyedHasher
from los_adapters.passwords.memory import MemoryFactor, MemoryPasswords
from los_adapters.passwords.totp import TotpFactor
from los_adapters.tokens.jwt import JwtTokens
from los_adapters.tokens.memory import MemoryTokens
from los_core.domain.errors import Unauthenticated
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.passwords import CodeHasher, Passwords
from los_core.testing.security import (
    ClockLaws,
    EntropyLaws,
    FactorLaws,
    FactorRig,
    HasherLaws,
    PasswordLaws,
    TokenLaws,
    TokenRig,
)

ISSUER = "https://los.example"
OLD, NEW, FOREIGN = (Key(name, bytes([n]) * 32) for n, name in enumerate(("old", "new", "for"), 1))


def _jwt(clock: Clock, *ring: Key, issuer: str = ISSUER) -> JwtTokens:
    return JwtTokens(ring, issuer=issuer, clock=clock, entropy=SeededEntropy())


class TestTokens(TokenLaws):
    """Memory and JWT."""

    @pytest.fixture(params=["memory", "jwt"])
    def rig(self, request: pytest.FixtureRequest) -> TokenRig:
        clock = FixedClock()
        if request.param == "jwt":
            tokens, stranger = _jwt(clock, NEW), _jwt(clock, Key("new", bytes(32)))
            return TokenRig(tokens=tokens, stranger=stranger, now=clock.now, advance=clock.advance)
        return TokenRig(
            tokens=MemoryTokens(clock=clock, entropy=SeededEntropy(1)),
            stranger=MemoryTokens(clock=clock, entropy=SeededEntropy(2)),
            now=clock.now,
            advance=clock.advance,
        )


class TestPasswords(PasswordLaws):
    """Memory and bcrypt, the latter quick."""

    @pytest.fixture(params=["memory", "bcrypt"])
    def passwords(self, request: pytest.FixtureRequest) -> Passwords:
        if request.param == "bcrypt":
            return BcryptPasswords(rounds=4)
        return MemoryPasswords(SeededEntropy())


class TestSecondFactor(FactorLaws):
    """Memory and RFC 6238."""

    @pytest.fixture(params=["memory", "totp"])
    def rig(self, request: pytest.FixtureRequest) -> FactorRig:
        if request.param == "totp":
            return FactorRig(factor=TotpFactor(), code=lambda secret, at: pyotp.TOTP(secret).at(at))
        factor = MemoryFactor(SeededEntropy())
        return FactorRig(factor=factor, code=factor.code)


class TestHasher(HasherLaws):
    """The one there is."""

    @pytest.fixture
    def hasher(self) -> CodeHasher:
        return KeyedHasher(NEW.secret)

    @pytest.fixture
    def stranger(self) -> CodeHasher:
        return KeyedHasher(FOREIGN.secret)


class TestClock(ClockLaws):
    """Wall, file with and without an offset, fixed."""

    @pytest.fixture(params=["wall", "file", "moved", "fixed"])
    def clock(self, request: pytest.FixtureRequest, tmp_path: Path) -> Clock:
        if request.param in ("file", "moved"):
            clock = FileClock(tmp_path / "clock")
            if request.param == "moved":
                clock.advance(timedelta(days=40))
            return clock
        return WallClock() if request.param == "wall" else FixedClock()


class TestEntropy(EntropyLaws):
    """The system's, and the seeded."""

    @pytest.fixture(params=["system", "seeded"])
    def entropy(self, request: pytest.FixtureRequest) -> Entropy:
        return SystemEntropy() if request.param == "system" else SeededEntropy()


def _told(rig_clock: FixedClock) -> dict[str, Any]:
    now = int(rig_clock.now().timestamp())
    return {
        "iss": ISSUER,
        "aud": "web",
        "sub": str(UUID(int=1)),
        "sid": str(UUID(int=2)),
        "sv": 1,
        "jti": str(UUID(int=3)),
        "iat": now,
        "exp": now + 900,
    }


def _signed(told: dict[str, Any], **header: str) -> str:
    private = Ed25519PrivateKey.from_private_bytes(NEW.secret)
    headers = {"typ": "at+jwt", "kid": NEW.id, **header}
    return jwt.encode(told, private, algorithm="EdDSA", headers=headers)


def _segment(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_an_old_key_is_still_believed_and_no_longer_signs() -> None:
    clock = FixedClock()
    before, after = _jwt(clock, OLD), _jwt(clock, NEW, OLD)
    claims = TokenRig(tokens=before, stranger=after, now=clock.now, advance=clock.advance).claims()
    assert after.read(before.issue(claims), "web") == claims
    assert jwt.get_unverified_header(after.issue(claims))["kid"] == "new"
    with pytest.raises(Unauthenticated):
        before.read(after.issue(claims), "web")


def test_a_token_of_the_right_shape_is_good() -> None:
    clock = FixedClock()
    assert _jwt(clock, NEW).read(_signed(_told(clock)), "web").version == 1


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": ["web", "partner"]},
        {"aud": "admin"},
        {"sub": "not an id"},
        {"sv": "1"},
        {"sv": None},
        {"exp": 1},
        {"exp": "soon"},
        {"iat": 4_000_000_000},
        {"sid": 7},
        *({name: ...} for name in ("iss", "aud", "sub", "sid", "sv", "jti", "iat", "exp")),
    ],
    ids=str,
)
def test_a_signed_token_with_a_wrong_claim_is_refused(change: dict[str, Any]) -> None:
    clock = FixedClock()
    told = {name: value for name, value in (_told(clock) | change).items() if value is not ...}
    with pytest.raises(Unauthenticated):
        _jwt(clock, NEW).read(_signed(told), "web")


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "refresh"}, {"kid": "old"}], ids=str)
def test_a_token_with_another_header_is_refused(header: dict[str, str]) -> None:
    clock = FixedClock()
    with pytest.raises(Unauthenticated):
        _jwt(clock, NEW).read(_signed(_told(clock), **header), "web")


def test_the_header_does_not_choose_the_algorithm() -> None:
    clock = FixedClock()
    tokens = _jwt(clock, NEW)
    private = Ed25519PrivateKey.from_private_bytes(NEW.secret)
    public = private.public_key().public_bytes_raw()
    for algorithm, key in (("none", None), ("HS256", public)):
        head = _segment({"typ": "at+jwt", "kid": "new", "alg": algorithm})
        told = f"{head}.{_segment(_told(clock))}"
        proof = b"" if key is None else hmac.new(key, told.encode(), hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            tokens.read(f"{told}.{signature}", "web")


def test_a_token_holds_no_personal_data() -> None:
    clock = FixedClock()
    told = jwt.decode(
        _jwt(clock, NEW).issue(
            TokenRig(
                tokens=_jwt(clock, NEW),
                stranger=_jwt(clock, OLD),
                now=clock.now,
                advance=clock.advance,
            ).claims()
        ),
        options={"verify_signature": False},
    )
    assert set(told) == {"iss", "aud", "sub", "sid", "sv", "jti", "iat", "exp", "brand"}


def test_passwords_cost_twelve_rounds() -> None:
    assert ROUNDS == 12
    assert BcryptPasswords().hash("Sahyadri-monsoon").startswith("$2b$12$")


def test_an_unknown_user_takes_as_long_as_a_known_one() -> None:
    passwords = BcryptPasswords(rounds=9)
    hashed = passwords.hash("Sahyadri-monsoon")
    passwords.verify("warm", None)
    known = _quickest(lambda: passwords.verify("wrong", hashed))
    unknown = _quickest(lambda: passwords.verify("wrong", None))
    assert 0.5 < known / unknown < 2


def _quickest(action: Callable[[], object]) -> float:
    def once() -> float:
        started = time.thread_time()
        action()
        return time.thread_time() - started

    return min(once() for _ in range(5))


def test_codes_of_rfc_6238_are_known() -> None:
    """The appendix's vector for SHA-1, cut to six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)
    assert TotpFactor().matched_step(secret, "081804", at) == 0x23523EC


def test_a_moved_clock_moves_business_and_not_the_wall(tmp_path: Path) -> None:
    clock, reader = FileClock(tmp_path / "var" / "clock"), FileClock(tmp_path / "var" / "clock")
    target = datetime(2027, 1, 5, 4, 30, tzinfo=UTC)
    assert reader.business_now() - reader.now() < timedelta(seconds=1)
    clock.move_to(target)
    assert abs(reader.business_now() - target) < timedelta(seconds=2)
    assert abs(reader.now() - datetime.now(UTC)) < timedelta(seconds=2)
    clock.advance(timedelta(days=1))
    assert abs(reader.business_now() - target - timedelta(days=1)) < timedelta(seconds=3)
    assert json.loads((tmp_path / "var" / "clock").read_text()).keys() == {"offset_s"}


def test_a_business_date_begins_at_midnight_in_india() -> None:
    clock = FixedClock(datetime(2026, 11, 25, 18, 29, 59, tzinfo=UTC))
    assert clock.business_date().isoformat() == "2026-11-25"
    clock.advance(timedelta(seconds=1))
    assert clock.business_date().isoformat() == "2026-11-26"


def test_a_seed_repeats_itself() -> None:
    one, two, other = SeededEntropy(7), SeededEntropy(7), SeededEntropy(8)
    seen = [(e.uuid(), e.digits(6), e.token()) for e in (one, two, other)]
    assert seen[0] == seen[1] != seen[2]
