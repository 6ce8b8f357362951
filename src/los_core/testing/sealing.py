"""The laws of what guards data at rest: data keys, key-encryption keys, blind indexes."""

# ruff: noqa: D102 # a law's name is its sentence

from uuid import UUID

import attrs
import pytest

from los_core.domain.ids import PLATFORM, BrandId
from los_core.ports.blindindex import BlindIndex
from los_core.ports.cipher import Cipher, DataKey, KeyWrap
from los_core.ports.errors import ProviderError

BRAND = BrandId(UUID(int=11))
OTHER = BrandId(UUID(int=12))
CUSTOMER = UUID(int=21)
PLACE = "customer.profile:7"
CONTEXT = {"key": "00ff", "brand": "b1", "owner": "c7"}


@attrs.frozen(kw_only=True)
class CipherRig:
    """A cipher; another over the same key-encryption key, and one over a key of a stranger."""

    cipher: Cipher
    second: Cipher
    stranger: Cipher


class CipherLaws:
    """What a store may rely on of sealing."""

    @pytest.mark.parametrize("plain", [b"", b"x", "ऋण".encode(), bytes(range(256)) * 64])
    def test_what_was_sealed_opens_in_its_place(self, rig: CipherRig, plain: bytes) -> None:
        for key in _keys(rig):
            assert key.open(PLACE, key.seal(PLACE, plain)) == plain

    def test_a_sealed_value_opens_nowhere_else(self, rig: CipherRig) -> None:
        for key in _keys(rig):
            sealed = key.seal(PLACE, b"ABCPE1234F")
            for place in ("customer.profile:8", "", PLACE + "1"):
                with pytest.raises(ValueError, match=r"."):
                    key.open(place, sealed)

    def test_a_sealed_value_opens_with_its_own_key_only(self, rig: CipherRig) -> None:
        first, *others = _keys(rig)
        sealed = first.seal(PLACE, b"ABCPE1234F")
        for key in others:
            with pytest.raises(ValueError, match=r"."):
                key.open(PLACE, sealed)
            relabelled = sealed.replace(first.id, key.id)
            with pytest.raises(ValueError, match=r"."):
                key.open(PLACE, relabelled)

    def test_an_altered_value_does_not_open(self, rig: CipherRig) -> None:
        key = _keys(rig)[1]
        sealed = key.seal(PLACE, b"ABCPE1234F")
        for place in range(len(sealed)):
            altered = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            with pytest.raises(ValueError, match=r"."):
                key.open(PLACE, altered)
        for cut in (b"", sealed[:1], sealed[:17], sealed[:-1], sealed + b"x"):
            with pytest.raises(ValueError, match=r"."):
                key.open(PLACE, cut)

    def test_equal_values_do_not_look_equal(self, rig: CipherRig) -> None:
        key = _keys(rig)[0]
        assert key.seal(PLACE, b"x" * 32) != key.seal(PLACE, b"x" * 32)

    def test_a_sealed_value_shows_its_key_and_not_what_is_in_it(self, rig: CipherRig) -> None:
        for key in _keys(rig):
            sealed = key.seal(PLACE, b"ABCPE1234F")
            assert rig.cipher.key_of(sealed) == key.id
            assert b"ABCPE1234F" not in sealed

    @pytest.mark.parametrize("value", [b"", b"\x01" * 60, b"ABCPE1234F", b"\x02" * 20])
    def test_what_nothing_sealed_has_no_key(self, rig: CipherRig, value: bytes) -> None:
        with pytest.raises(ValueError, match="not a sealed value"):
            rig.cipher.key_of(value)

    def test_a_stored_key_opens_what_it_sealed_in_another_process(self, rig: CipherRig) -> None:
        stored = rig.cipher.new_key(BRAND, BRAND, under=None)
        brand = rig.cipher.opened(stored, under=None)
        person = rig.cipher.new_key(BRAND, CUSTOMER, under=brand)
        sealed = rig.cipher.opened(person, under=brand).seal(PLACE, b"x")
        there = rig.second.opened(stored, under=None)
        assert rig.second.opened(person, under=there).open(PLACE, sealed) == b"x"

    def test_a_stored_key_says_what_wrapped_it(self, rig: CipherRig) -> None:
        stored = rig.cipher.new_key(BRAND, BRAND, under=None)
        brand = rig.cipher.opened(stored, under=None)
        assert stored.wrapped_by == rig.cipher.wraps_by
        assert rig.cipher.new_key(BRAND, CUSTOMER, under=brand).wrapped_by == brand.id.hex()

    def test_a_stranger_opens_no_stored_key(self, rig: CipherRig) -> None:
        stored = rig.cipher.new_key(BRAND, BRAND, under=None)
        with pytest.raises((ValueError, ProviderError)):
            rig.stranger.opened(stored, under=None)

    def test_a_stored_key_opens_as_nobody_elses(self, rig: CipherRig) -> None:
        stored = rig.cipher.new_key(BRAND, BRAND, under=None)
        brand = rig.cipher.opened(stored, under=None)
        person = rig.cipher.new_key(BRAND, CUSTOMER, under=brand)
        moved = (
            (attrs.evolve(stored, brand_id=OTHER, owner=OTHER), None),
            (attrs.evolve(stored, id=bytes(16)), None),
            (attrs.evolve(person, owner=UUID(int=22)), brand),
            (attrs.evolve(person, id=bytes(16)), brand),
            (attrs.evolve(person, wrapped=person.wrapped[:-1]), brand),
        )
        for key, under in moved:
            with pytest.raises(ValueError, match=r"."):
                rig.cipher.opened(key, under=under)

    def test_a_key_wrapped_again_opens_what_it_sealed(self, rig: CipherRig) -> None:
        stored = rig.cipher.new_key(BRAND, BRAND, under=None)
        sealed = rig.cipher.opened(stored, under=None).seal(PLACE, b"x")
        again = rig.second.rewrapped(stored)
        assert again.wrapped_by == rig.second.wraps_by
        assert again.wrapped != stored.wrapped
        assert rig.second.opened(again, under=None).open(PLACE, sealed) == b"x"


def _keys(rig: CipherRig) -> list[DataKey]:
    """Keys of two brands, of the installation and of two customers of one brand."""
    owners = (BRAND, OTHER, PLATFORM)
    brands = [
        rig.cipher.opened(rig.cipher.new_key(owner, owner, under=None), under=None)
        for owner in owners
    ]
    people = [
        rig.cipher.opened(rig.cipher.new_key(BRAND, owner, under=brands[0]), under=brands[0])
        for owner in (CUSTOMER, UUID(int=22))
    ]
    return brands + people


class KeyWrapLaws:
    """What a cipher may rely on of a key-encryption key; the fixture `keywrap` is under test."""

    @pytest.mark.parametrize("secret", [bytes(32), bytes(range(32))])
    def test_a_wrapped_key_unwraps_in_its_context(self, keywrap: KeyWrap, secret: bytes) -> None:
        wrapped = keywrap.wrap(secret, CONTEXT)
        assert secret not in wrapped
        assert keywrap.unwrap(keywrap.key_id, wrapped, CONTEXT) == secret

    def test_it_unwraps_in_no_other_context(self, keywrap: KeyWrap) -> None:
        wrapped = keywrap.wrap(bytes(32), CONTEXT)
        for other in ({}, {**CONTEXT, "brand": "b2"}, {**CONTEXT, "more": ""}):
            with pytest.raises(ValueError, match=r"."):
                keywrap.unwrap(keywrap.key_id, wrapped, other)

    def test_an_altered_one_does_not_unwrap(self, keywrap: KeyWrap) -> None:
        wrapped = keywrap.wrap(bytes(32), CONTEXT)
        for altered in (b"", wrapped[:-1], wrapped[:-1] + bytes([wrapped[-1] ^ 1])):
            with pytest.raises(ValueError, match=r"."):
                keywrap.unwrap(keywrap.key_id, altered, CONTEXT)

    def test_it_knows_its_own_key_and_no_strangers(self, keywrap: KeyWrap) -> None:
        assert keywrap.knows(keywrap.key_id)
        assert not keywrap.knows("somebody-elses")
        with pytest.raises(ValueError, match=r"."):
            keywrap.unwrap("somebody-elses", keywrap.wrap(bytes(32), CONTEXT), CONTEXT)


class BlindIndexLaws:
    """What a service may rely on of blind indexes; the fixture `indexes` is under test."""

    def test_it_finds_equal_values_of_one_scope_and_kind(self, indexes: BlindIndex) -> None:
        index = indexes.blind_index("b1", "pan", "ABCPE1234F")
        assert index == indexes.blind_index("b1", "pan", "ABCPE1234F")
        others = {
            indexes.blind_index("b2", "pan", "ABCPE1234F"),
            indexes.blind_index("b1", "phone", "ABCPE1234F"),
            indexes.blind_index("b1", "pan", "ABCPE1234G"),
            indexes.blind_index("b1p", "an", "ABCPE1234F"),
            indexes.blind_index("", "b1pan", "ABCPE1234F"),
        }
        assert len(others - {index}) == 5
        assert "ABCPE" not in index
        assert index.isascii()
