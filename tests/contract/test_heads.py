"""Every record of chain heads, by its laws; and what the one on disk shows of tampering."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from los_adapters.heads.disk import DiskHeads
from los_adapters.heads.memory import MemoryHeads
from los_adapters.keys import Key
from los_core.domain.ids import BrandId
from los_core.ports.audit import HeadLog, HeadsBroken
from los_core.testing.heads import BRAND, HeadLaws, head

KEY, NEW = Key("k1", bytes(range(32))), Key("k2", bytes(range(1, 33)))


class TestHeads(HeadLaws):
    """Memory and disk."""

    @pytest.fixture(params=["memory", "disk"])
    def heads(self, request: pytest.FixtureRequest, tmp_path: Path) -> HeadLog:
        return MemoryHeads() if request.param == "memory" else DiskHeads(tmp_path / "a", [KEY])


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Return the file of a record of forty heads, longer than what is read of its end."""
    heads = DiskHeads(tmp_path, [KEY])
    for seq in range(1, 41):
        heads.append(head(seq))
    return tmp_path / f"{BRAND}.log"


def _cut(lines: list[bytes]) -> list[bytes]:
    return lines[:10] + lines[11:]


def _swap(lines: list[bytes]) -> list[bytes]:
    return [*lines[:10], lines[11], lines[10], *lines[12:]]


def _change(lines: list[bytes]) -> list[bytes]:
    return [*lines[:10], lines[10].replace(b'"seq": 11', b'"seq": 12'), *lines[11:]]


def _repeat(lines: list[bytes]) -> list[bytes]:
    return [*lines[:10], lines[9], *lines[10:]]


def _forge(lines: list[bytes]) -> list[bytes]:
    return [*lines[:10], b'{"seq": 11}', *lines[11:]]


@pytest.mark.parametrize("tamper", [_cut, _swap, _change, _repeat, _forge])
def test_lines_that_were_tampered_with_are_told_and_those_before_stand(
    written: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    lines = written.read_bytes().splitlines()
    written.write_bytes(b"".join(line + b"\n" for line in tamper(lines)))
    with pytest.raises(HeadsBroken, match="line 11 ") as broken:
        DiskHeads(written.parent, [KEY]).all(BRAND)
    assert broken.value.sound == tuple(head(seq) for seq in range(1, 11))


def test_another_brands_record_is_not_taken_for_this_ones(written: Path) -> None:
    theirs = BrandId(UUID(int=2))
    written.rename(written.with_name(f"{theirs}.log"))
    with pytest.raises(HeadsBroken, match="line 1 "):
        DiskHeads(written.parent, [KEY]).all(theirs)


def test_who_has_not_the_key_proves_nothing(written: Path) -> None:
    with pytest.raises(HeadsBroken, match="line 1 "):
        DiskHeads(written.parent, [NEW]).all(BRAND)


def test_a_new_key_goes_on_where_the_old_one_stopped(written: Path) -> None:
    heads = DiskHeads(written.parent, [NEW, KEY])
    heads.append(head(41))
    assert [each.seq for each in heads.all(BRAND)] == list(range(1, 42))


def test_a_line_that_was_never_finished_counts_as_unwritten(written: Path) -> None:
    with written.open("ab") as file:
        file.write(b'{"at": "2026-11')
    heads = DiskHeads(written.parent, [KEY])
    assert len(heads.all(BRAND)) == 40
    assert heads.append(head(41))
    assert [each.seq for each in heads.all(BRAND)] == list(range(1, 42))


def test_a_forged_last_line_does_not_keep_the_record_from_growing(written: Path) -> None:
    with written.open("ab") as file:
        file.write(
            b'{"seq": 9999, "hash": "", "at": "2026-11-25T00:00:00", "key": "k1", "mac": ""}\n'
        )
    heads = DiskHeads(written.parent, [KEY])
    assert heads.append(head(41))
    with pytest.raises(HeadsBroken, match="line 41 "):
        heads.all(BRAND)


def test_the_record_is_for_its_owner_alone(written: Path) -> None:
    assert written.stat().st_mode & 0o077 == 0
