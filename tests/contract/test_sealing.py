"""Data keys, key-encryption keys and blind indexes, by their laws; and what is their own."""

from collections.abc import Iterator
from uuid import UUID

import attrs
import boto3
import pytest
from moto.server import ThreadedMotoServer

from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.index import KeyedIndex
from los_adapters.cipher.kms import Client, KmsWrap, Succession, connect
from los_adapters.cipher.local import LocalWrap
from los_adapters.keys import Key
from los_core.domain.ids import BrandId
from los_core.ports.blindindex import BlindIndex
from los_core.ports.cipher import KeyWrap
from los_core.ports.errors import Unavailable
from los_core.testing.sealing import (
    BRAND,
    CONTEXT,
    PLACE,
    BlindIndexLaws,
    CipherLaws,
    CipherRig,
    KeyWrapLaws,
)

OLD, NEW, FOREIGN = (Key(name, bytes([n]) * 32) for n, name in enumerate(("old", "new", "for"), 1))
AWS = {"region": "ap-south-1", "access_key_id": "test", "secret": "test"}


@attrs.frozen
class Kms:
    """The imitated service: a client, and two keys of it by their ARNs."""

    client: Client
    first: str
    second: str


@pytest.fixture(scope="module")
def kms() -> Iterator[Kms]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        service = boto3.client(
            "kms",
            region_name=AWS["region"],
            endpoint_url=address,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        arns = [service.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
        yield Kms(connect(endpoint_url=address, **AWS), *arns)
    finally:
        server.stop()


class TestCipher(CipherLaws):
    """Over keys of our own, and over KMS."""

    @pytest.fixture(params=["local", "kms"])
    def rig(self, request: pytest.FixtureRequest) -> CipherRig:
        if request.param == "kms":
            service: Kms = request.getfixturevalue("kms")
            wraps = [KmsWrap(service.client, key=service.first) for _ in range(2)]
            return CipherRig(
                cipher=AesCipher(wraps[0]),
                second=AesCipher(wraps[1]),
                stranger=AesCipher(LocalWrap([NEW])),
            )
        return CipherRig(
            cipher=AesCipher(LocalWrap([NEW])),
            second=AesCipher(LocalWrap([NEW])),
            stranger=AesCipher(LocalWrap([Key("new", bytes(32))])),
        )


class TestKeyWrap(KeyWrapLaws):
    """Keys of our own, KMS, and one in succession of the other."""

    @pytest.fixture(params=["local", "kms", "succession"])
    def keywrap(self, request: pytest.FixtureRequest) -> KeyWrap:
        if request.param == "local":
            return LocalWrap([NEW, OLD])
        service: Kms = request.getfixturevalue("kms")
        kept = KmsWrap(service.client, key=service.first)
        return kept if request.param == "kms" else Succession(kept, LocalWrap([NEW]))


class TestBlindIndex(BlindIndexLaws):
    """The one there is."""

    @pytest.fixture
    def indexes(self) -> BlindIndex:
        return KeyedIndex(NEW.secret)


def test_a_key_that_no_longer_wraps_still_unwraps() -> None:
    wrapped = LocalWrap([OLD]).wrap(bytes(32), CONTEXT)
    ring = LocalWrap([NEW, OLD])
    assert ring.unwrap("old", wrapped, CONTEXT) == bytes(32)
    assert ring.key_id == "new"
    with pytest.raises(ValueError, match="'old'"):
        LocalWrap([NEW]).unwrap("old", wrapped, CONTEXT)


def test_a_brands_key_moves_from_our_own_keys_to_kms_and_on_to_another(kms: Kms) -> None:
    stored = AesCipher(LocalWrap([OLD])).new_key(BRAND, BRAND, under=None)
    sealed = AesCipher(LocalWrap([OLD])).opened(stored, under=None).seal(PLACE, b"x")
    both = AesCipher(Succession(KmsWrap(kms.client, key=kms.first), LocalWrap([OLD])))
    moved = both.rewrapped(stored)
    assert moved.wrapped_by == kms.first
    next_one = AesCipher(KmsWrap(kms.client, key=kms.second))
    again = next_one.rewrapped(moved)
    assert again.wrapped_by == kms.second
    assert next_one.opened(again, under=None).open(PLACE, sealed) == b"x"


def test_kms_that_does_not_answer_is_unavailable_and_nobodys_fault() -> None:
    silent = KmsWrap(connect(endpoint_url="http://127.0.0.1:9", **AWS), key="arn:aws:kms:x")
    with pytest.raises(Unavailable) as refused:
        silent.wrap(bytes(32), CONTEXT)
    assert not refused.value.misconfigured


def test_a_key_that_kms_does_not_have_is_a_fault_of_the_settings(kms: Kms) -> None:
    missing = kms.first.rpartition("/")[0] + f"/{UUID(int=7)}"
    with pytest.raises(Unavailable) as refused:
        KmsWrap(kms.client, key=missing).wrap(bytes(32), CONTEXT)
    assert refused.value.misconfigured


def test_blind_indexes_differ_by_their_secret() -> None:
    values = {KeyedIndex(key.secret).blind_index("b1", "pan", "x") for key in (OLD, NEW)}
    assert len(values) == 2


def test_a_sealed_value_names_its_format_and_its_key_in_front() -> None:
    cipher = AesCipher(LocalWrap([NEW]))
    brand = BrandId(UUID(int=5))
    key = cipher.opened(cipher.new_key(brand, brand, under=None), under=None)
    sealed = key.seal(PLACE, b"xyz")
    assert sealed[:17] == b"\x02" + key.id
    assert len(sealed) == 17 + 12 + 3 + 16


def test_a_wrapped_key_is_hidden_where_it_is_printed() -> None:
    stored = AesCipher(LocalWrap([NEW])).new_key(BRAND, BRAND, under=None)
    assert repr(stored.wrapped) not in repr(stored)
