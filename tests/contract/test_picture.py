"""Every adapter of pictures by the laws of the port, and Pillow's with what else it takes."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from los_adapters.picture.memory import MemoryPictures
from los_adapters.picture.pillow import PillowPictures
from los_core.domain.upload import MOST_PIXELS, PictureKind, RefusedUpload
from los_core.ports.pictures import Pictures
from los_core.testing.picture import (
    check_a_claim_of_many_pixels_is_refused,
    check_damage_is_refused,
    check_only_the_picture_is_left,
    png,
)

LAWS = (
    check_only_the_picture_is_left,
    check_damage_is_refused,
    check_a_claim_of_many_pixels_is_refused,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("adapter", [MemoryPictures, PillowPictures])
def test_every_adapter_keeps_the_laws(
    adapter: Callable[[], Pictures], law: Callable[[Pictures], None]
) -> None:
    law(adapter())


def _photo(named: str, turned: int = 1) -> bytes:
    picture = Image.new("RGB", (40, 20), (200, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "at home, 12 Karve Road"
    told = BytesIO()
    picture.save(told, named, exif=exif)
    return told.getvalue()


@pytest.mark.parametrize("kind", [PictureKind.JPEG, PictureKind.WEBP])
def test_a_photo_loses_what_its_camera_wrote_and_is_turned_upright(
    kind: PictureKind,
) -> None:
    named = kind.name
    drawn = PillowPictures().drawn_again(_photo(named, turned=6), kind, most_pixels=MOST_PIXELS)
    assert b"Karve" not in drawn
    with Image.open(BytesIO(drawn)) as found:
        assert (found.format, found.size) == (named, (20, 40))
        assert not found.getexif()


def test_a_file_is_read_as_the_kind_it_was_taken_for() -> None:
    with pytest.raises(RefusedUpload):
        PillowPictures().drawn_again(_photo("JPEG"), PictureKind.PNG, most_pixels=MOST_PIXELS)


def test_what_shines_through_stays_so() -> None:
    told = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(told, "PNG")
    drawn = PillowPictures().drawn_again(told.getvalue(), PictureKind.PNG, most_pixels=MOST_PIXELS)
    with Image.open(BytesIO(drawn)) as found:
        assert found.getpixel((0, 0)) == (0, 0, 0, 0)


def test_pixels_are_counted_before_they_are_drawn() -> None:
    with pytest.raises(RefusedUpload) as refused:
        PillowPictures().drawn_again(png(30, 30), PictureKind.PNG, most_pixels=899)
    assert refused.value.code == "UPLOAD_TOO_LARGE"
