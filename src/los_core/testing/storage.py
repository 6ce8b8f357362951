"""The laws of `Storage`, whoever keeps the files."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest

from los_core.domain.errors import NotFound
from los_core.ports.storage import Storage, StoredFile

KEY = "b1/l7/agreement-1-00ff.pdf"
PDF = "application/pdf"
ESCAPES = (
    "../outside",
    "/etc/passwd",
    "b1/../../outside",
    "b1//l7",
    "b1/./l7",
    "b1\\l7",
    "",
    ".hidden",
    "b1/l7\x00.pdf",
    "b1/l7\n.pdf",
    "~/l7",
    "b1/" + "x" * 200,
)


@attrs.frozen(kw_only=True)
class StorageRig:
    """What the laws of files need.

    Attributes:
        opened: redeems a link at an instant, as a browser would: (file, name to save it under).
        now: the wall clock's instant.
    """

    storage: Storage
    opened: Callable[[str, datetime], tuple[StoredFile, str]]
    now: Callable[[], datetime]


class StorageLaws:
    """What a caller may rely on."""

    def test_a_file_comes_back_as_it_was_put(self, rig: StorageRig) -> None:
        content = bytes(range(256)) * 40 + b"\r\n\n"
        rig.storage.put(KEY, content, content_type=PDF)
        assert rig.storage.get(KEY) == StoredFile(content, PDF)

    def test_an_empty_file_is_a_file(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"", content_type="text/plain; charset=utf-8")
        assert rig.storage.get(KEY) == StoredFile(b"", "text/plain; charset=utf-8")

    def test_putting_the_same_file_again_changes_nothing(self, rig: StorageRig) -> None:
        for _ in range(2):
            rig.storage.put(KEY, b"one", content_type=PDF)
        assert rig.storage.get(KEY).content == b"one"

    def test_another_content_takes_the_place_of_the_first(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        rig.storage.put(KEY, b"two", content_type="text/plain")
        assert rig.storage.get(KEY) == StoredFile(b"two", "text/plain")

    def test_what_was_never_put_is_not_found(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        for key in ("b1/l7", "b1/l7/agreement-2.pdf", f"{KEY}/more"):
            with pytest.raises(NotFound):
                rig.storage.get(key)

    def test_a_folder_is_removed_with_all_that_is_below(self, rig: StorageRig) -> None:
        below = ("b1/l7/a.pdf", "b1/l7/deep/b.pdf")
        beside = ("b1/l77/a.pdf", "b1/l8/a.pdf", "b2/l7/a.pdf")
        for key in below + beside:
            rig.storage.put(key, b"one", content_type=PDF)
        for _ in range(2):
            rig.storage.remove("b1/l7")
        for key in below:
            with pytest.raises(NotFound):
                rig.storage.get(key)
        assert [rig.storage.get(key).content for key in beside] == [b"one"] * len(beside)
        rig.storage.put(below[0], b"two", content_type=PDF)
        assert rig.storage.get(below[0]).content == b"two"

    def test_a_link_to_a_file_that_was_removed_is_not_found(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        link = rig.storage.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=5))
        rig.storage.remove("b1/l7")
        with pytest.raises(NotFound):
            rig.opened(link, rig.now())

    @pytest.mark.parametrize("key", ESCAPES)
    def test_a_key_leads_nowhere_else(self, rig: StorageRig, key: str) -> None:
        with pytest.raises(ValueError, match="key"):
            rig.storage.put(key, b"x", content_type=PDF)
        with pytest.raises(ValueError, match="key"):
            rig.storage.remove(key)
        with pytest.raises(ValueError, match="key"):
            rig.storage.link(key, filename="x", expires_in=timedelta(minutes=1))

    def test_a_link_brings_the_file_and_its_name(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        name = "Loan agreement “LN-000042” ऋण.pdf"
        link = rig.storage.link(KEY, filename=name, expires_in=timedelta(minutes=5))
        assert rig.opened(link, rig.now()) == (StoredFile(b"one", PDF), name)

    def test_a_link_does_not_name_the_key_in_the_clear(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        link = rig.storage.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=5))
        assert KEY not in link

    def test_a_link_is_over_when_its_time_is(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        link = rig.storage.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=5))
        rig.opened(link, rig.now() + timedelta(minutes=4))
        with pytest.raises(NotFound):
            rig.opened(link, rig.now() + timedelta(minutes=5, seconds=1))

    def test_a_link_with_any_letter_changed_is_worth_nothing(self, rig: StorageRig) -> None:
        rig.storage.put(KEY, b"one", content_type=PDF)
        link = rig.storage.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=5))
        start = link.rindex("/") + 1
        for place in range(start, len(link)):
            other = "A" if link[place] != "A" else "B"
            forged = link[:place] + other + link[place + 1 :]
            with pytest.raises(NotFound):
                rig.opened(forged, rig.now())

    @pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "x" * 5000, "a.b.c"])
    def test_nonsense_is_not_found(self, rig: StorageRig, token: str) -> None:
        with pytest.raises(NotFound):
            rig.opened(token, rig.now())

    def test_a_link_to_a_file_that_was_never_put_is_not_found(self, rig: StorageRig) -> None:
        link = rig.storage.link(KEY, filename="a.pdf", expires_in=timedelta(minutes=5))
        with pytest.raises(NotFound):
            rig.opened(link, rig.now())
