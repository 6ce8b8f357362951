"""Every storage, by the laws of files; and what the one on disk leaves behind."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from los_adapters.clock import FixedClock
from los_adapters.storage.disk import DiskStorage
from los_adapters.storage.links import Files
from los_adapters.storage.memory import MemoryStorage
from los_core.domain.errors import NotFound
from los_core.ports.storage import StoredFile
from los_core.testing.storage import KEY, PDF, StorageLaws, StorageRig


class TestStorage(StorageLaws):
    """Memory and disk."""

    @pytest.fixture(params=["memory", "disk"])
    def rig(self, request: pytest.FixtureRequest, tmp_path: Path) -> StorageRig:
        clock = FixedClock()
        files: Files = MemoryStorage(clock=clock)
        if request.param == "disk":
            files = DiskStorage(tmp_path / "files", link_key=b"k" * 32, clock=clock)

        def opened(link: str, now: datetime) -> tuple[StoredFile, str]:
            return files.open_link(link.rpartition("/")[2], now)

        return StorageRig(storage=files, opened=opened, now=clock.now)


def _disk(folder: Path, *, key: bytes = b"k" * 32) -> DiskStorage:
    return DiskStorage(folder, link_key=key, clock=FixedClock())


def test_a_link_is_redeemed_by_any_process_that_has_the_key(tmp_path: Path) -> None:
    first, second = _disk(tmp_path), _disk(tmp_path)
    first.put(KEY, b"one", content_type=PDF)
    link = first.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=1))
    token, now = link.rpartition("/")[2], FixedClock().now()
    assert second.open_link(token, now)[0].content == b"one"
    with pytest.raises(NotFound):
        _disk(tmp_path, key=b"o" * 32).open_link(token, now)


def test_nothing_but_whole_files_is_left_in_the_folder(tmp_path: Path) -> None:
    storage = _disk(tmp_path)
    for content in (b"one", b"one", b"two"):
        storage.put(KEY, content, content_type=PDF)
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [Path(KEY)]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    _disk(tmp_path).put(KEY, b"one", content_type=PDF)
    assert (tmp_path / KEY).stat().st_mode & 0o077 == 0


def test_a_link_within_the_folder_does_not_lead_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "b1").symlink_to(tmp_path / "outside")
    with pytest.raises(ValueError, match="key"):
        _disk(tmp_path / "files").put("b1/x.pdf", b"one", content_type=PDF)


def test_the_content_type_cannot_carry_another_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="type"):
        _disk(tmp_path).put(KEY, b"one", content_type="text/plain\nx: y")
