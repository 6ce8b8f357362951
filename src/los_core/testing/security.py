"""The laws of what guards people: tokens, passwords, codes, time and chance."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import attrs
import pytest

from los_core.domain.errors import Unauthenticated
from los_core.domain.ids import BrandId
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.passwords import CodeHasher, Passwords, SecondFactor
from los_core.ports.tokens import Audience, Claims, Tokens

LEEWAY = timedelta(seconds=60)
"""The most that clocks may be taken to differ by."""
BRAND = BrandId(UUID(int=11))


@attrs.frozen(kw_only=True)
class TokenRig:
    """Tokens and a clock that can be moved; `stranger` issues with keys of its own."""

    tokens: Tokens
    stranger: Tokens
    now: Callable[[], datetime]
    advance: Callable[[timedelta], None]

    def claims(self, audience: Audience = "web", brand_id: UUID | None = BRAND) -> Claims:
        """Return claims that are good for a quarter of an hour."""
        return Claims(
            audience=audience,
            subject=UUID(int=1),
            session=UUID(int=2),
            version=3,
            brand_id=brand_id,
            expires_at=self.now().replace(microsecond=0) + timedelta(minutes=15),
        )


class TokenLaws:
    """What a caller may rely on of access tokens."""

    @pytest.mark.parametrize("brand_id", [BRAND, None])
    def test_a_token_says_what_it_was_issued_for(
        self, rig: TokenRig, brand_id: UUID | None
    ) -> None:
        claims = rig.claims(brand_id=brand_id)
        assert rig.tokens.read(rig.tokens.issue(claims), "web") == claims

    def test_a_token_is_good_for_one_audience(self, rig: TokenRig) -> None:
        token = rig.tokens.issue(rig.claims("web"))
        with pytest.raises(Unauthenticated):
            rig.tokens.read(token, "partner")

    def test_a_token_ends(self, rig: TokenRig) -> None:
        token = rig.tokens.issue(rig.claims())
        rig.advance(timedelta(minutes=14))
        rig.tokens.read(token, "web")
        rig.advance(timedelta(minutes=1) + LEEWAY)
        with pytest.raises(Unauthenticated):
            rig.tokens.read(token, "web")

    def test_a_strangers_token_is_refused(self, rig: TokenRig) -> None:
        token = rig.stranger.issue(rig.claims())
        with pytest.raises(Unauthenticated):
            rig.tokens.read(token, "web")

    def test_a_token_with_any_letter_changed_is_refused(self, rig: TokenRig) -> None:
        token = rig.tokens.issue(rig.claims())
        # A signature's last letter may hold bits that mean nothing: it is left as it is.
        for place in range(0, len(token) - 1, 3):
            other = "A" if token[place] != "A" else "B"
            with pytest.raises(Unauthenticated):
                rig.tokens.read(token[:place] + other + token[place + 1 :], "web")

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "." * 9, "ey" * 900, "\ud800"])
    def test_nonsense_is_refused(self, rig: TokenRig, token: str) -> None:
        with pytest.raises(Unauthenticated):
            rig.tokens.read(token, "web")

    def test_two_tokens_of_one_session_differ(self, rig: TokenRig) -> None:
        claims = rig.claims()
        assert rig.tokens.issue(claims) != rig.tokens.issue(claims)


class PasswordLaws:
    """What a caller may rely on of password hashes; the fixture is `passwords`."""

    @pytest.mark.parametrize("password", ["Sahyadri-monsoon", "ऋ" * 60, "a\x00b", "\ud800", ""])
    def test_the_right_password_is_right(self, passwords: Passwords, password: str) -> None:
        assert passwords.verify(password, passwords.hash(password))

    def test_another_password_is_wrong(self, passwords: Passwords) -> None:
        hashed = passwords.hash("Sahyadri-monsoon")
        assert not passwords.verify("sahyadri-monsoon", hashed)
        assert not passwords.verify("", hashed)

    def test_what_follows_the_seventy_second_byte_counts(self, passwords: Passwords) -> None:
        hashed = passwords.hash("x" * 72 + "right")
        assert not passwords.verify("x" * 72 + "wrong", hashed)

    def test_what_follows_a_nul_counts(self, passwords: Passwords) -> None:
        assert not passwords.verify("a\x00wrong", passwords.hash("a\x00right"))

    def test_nobody_has_no_password(self, passwords: Passwords) -> None:
        assert not passwords.verify("", None)
        assert not passwords.verify("Sahyadri-monsoon", None)

    def test_equal_passwords_have_different_hashes(self, passwords: Passwords) -> None:
        assert passwords.hash("Sahyadri-monsoon") != passwords.hash("Sahyadri-monsoon")

    def test_a_hash_does_not_hold_the_password(self, passwords: Passwords) -> None:
        assert "Sahyadri" not in passwords.hash("Sahyadri-monsoon")


@attrs.frozen(kw_only=True)
class FactorRig:
    """A second factor and the person's authenticator: (secret, instant) → code."""

    factor: SecondFactor
    code: Callable[[str, datetime], str]


class FactorLaws:
    """What a caller may rely on of second factors."""

    AT = datetime(2026, 11, 25, 6, 30, 10, tzinfo=UTC)

    def test_the_present_code_is_right_and_names_its_step(self, rig: FactorRig) -> None:
        secret = rig.factor.new_secret()
        code = rig.code(secret, self.AT)
        assert rig.factor.matched_step(secret, code, self.AT) == int(self.AT.timestamp()) // 30
        assert (len(code), code.isdigit()) == (6, True)

    def test_one_step_of_drift_is_allowed_and_no_more(self, rig: FactorRig) -> None:
        secret = rig.factor.new_secret()
        step = int(self.AT.timestamp()) // 30
        for drift in (-1, 1):
            code = rig.code(secret, self.AT + timedelta(seconds=30 * drift))
            assert rig.factor.matched_step(secret, code, self.AT) == step + drift
        for drift in (-2, 2):
            code = rig.code(secret, self.AT + timedelta(seconds=30 * drift))
            near = {rig.code(secret, self.AT + timedelta(seconds=30 * n)) for n in (-1, 0, 1)}
            assert code in near or rig.factor.matched_step(secret, code, self.AT) is None

    @pytest.mark.parametrize("code", ["", "1", "1234567", "abcdef", "१२३४५६", "\ud800"])
    def test_nonsense_is_wrong(self, rig: FactorRig, code: str) -> None:
        assert rig.factor.matched_step(rig.factor.new_secret(), code, self.AT) is None

    def test_a_secret_is_base_32_and_new_each_time(self, rig: FactorRig) -> None:
        secrets = {rig.factor.new_secret() for _ in range(20)}
        assert len(secrets) == 20
        assert set("".join(secrets)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        assert min(map(len, secrets)) >= 16

    def test_an_authenticator_finds_secret_and_issuer_in_the_address(self, rig: FactorRig) -> None:
        secret = rig.factor.new_secret()
        uri = rig.factor.uri(secret, account="asha@bharat.example", issuer="LOS")
        assert uri.startswith("otpauth://totp/")
        assert f"secret={secret}" in uri
        assert "issuer=LOS" in uri


class HasherLaws:
    """What a caller may rely on of hashed codes; fixtures `hasher` and `stranger`, other keys."""

    def test_a_code_is_bound_to_what_it_is_for(self, hasher: CodeHasher) -> None:
        told = hasher.code("123456", bound_to="phone-1|LOGIN")
        assert told == hasher.code("123456", bound_to="phone-1|LOGIN")
        assert told != hasher.code("123456", bound_to="phone-2|LOGIN")
        assert told != hasher.code("123457", bound_to="phone-1|LOGIN")
        assert hasher.code("3|x", bound_to="12") != hasher.code("x", bound_to="12|3")

    def test_a_code_cannot_be_found_without_the_key(
        self, hasher: CodeHasher, stranger: CodeHasher
    ) -> None:
        assert hasher.code("123456", bound_to="a") != stranger.code("123456", bound_to="a")

    @pytest.mark.parametrize("text", ["", "ऋण", "\ud800", "a\x00b"])
    def test_any_text_has_a_hash(self, hasher: CodeHasher, text: str) -> None:
        assert hasher.code(text, bound_to=text) == hasher.code(text, bound_to=text)
        assert len(hasher.token(text)) == 64

    def test_a_token_has_one_hash_wherever_it_is_shown(
        self, hasher: CodeHasher, stranger: CodeHasher
    ) -> None:
        assert hasher.token("t" * 43) == stranger.token("t" * 43)
        assert hasher.token("t" * 43) != hasher.token("u" * 43)


class ClockLaws:
    """What a caller may rely on of time; the fixture is `clock`."""

    def test_instants_are_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)
        assert clock.business_now().utcoffset() == timedelta(0)

    def test_time_does_not_run_backwards(self, clock: Clock) -> None:
        seen = [clock.now() for _ in range(100)]
        assert seen == sorted(seen)

    def test_the_business_date_is_indias(self, clock: Clock) -> None:
        before, on, after = clock.business_now(), clock.business_date(), clock.business_now()
        ahead = timedelta(hours=5, minutes=30)
        assert (before + ahead).date() <= on <= (after + ahead).date()
        assert type(on) is date


class EntropyLaws:
    """What a caller may rely on of chance; the fixture is `entropy`."""

    def test_ids_are_new_rise_and_are_of_the_seventh_kind(self, entropy: Entropy) -> None:
        ids = [entropy.uuid() for _ in range(2000)]
        assert all(type(each) is UUID and each.version == 7 for each in ids)
        assert ids == sorted(set(ids))
        assert all(each.variant == uuid4().variant for each in ids)

    @pytest.mark.parametrize("count", [1, 4, 6, 18])
    def test_codes_have_all_their_digits(self, entropy: Entropy, count: int) -> None:
        codes = [entropy.digits(count) for _ in range(300)]
        assert {len(code) for code in codes} == {count}
        assert all(code.isdecimal() and code.isascii() for code in codes)
        assert any(code.startswith("0") for code in codes)

    def test_tokens_are_new_and_safe_in_an_address(self, entropy: Entropy) -> None:
        tokens = {entropy.token() for _ in range(200)}
        assert len(tokens) == 200
        assert all(len(token) == 43 for token in tokens)
        safe = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert set("".join(tokens)) <= safe
        assert len(entropy.token(16)) == 22
