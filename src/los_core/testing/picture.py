"""The laws of drawing pictures again, for adapters of the port, and a PNG to draw."""

import struct
import zlib

import pytest

from los_core.domain.upload import MOST_PIXELS, PictureKind, RefusedUpload
from los_core.ports.pictures import Pictures

HIDDEN = b"GPS 18.5204 N"
"""What stands beside the pixels of `png`."""


def png(width: int = 3, height: int = 2, *, claimed: int | None = None) -> bytes:
    """Return a red PNG with a comment, `claimed` pixels wide by its own word."""
    head = struct.pack(">IIBBBBB", claimed or width, height, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\xc8\x10\x10" * width) * height
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", head),
            _chunk(b"tEXt", b"Comment\x00" + HIDDEN),
            _chunk(b"IDAT", zlib.compress(rows)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def check_only_the_picture_is_left(pictures: Pictures) -> None:
    """Neither a comment nor what is behind the picture is kept, and drawing it twice is no change.

    Raises: AssertionError.
    """
    drawn = _drawn(pictures, png() + b"<script>alert(1)</script>")
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert HIDDEN not in drawn
    assert b"script" not in drawn
    assert _drawn(pictures, drawn) == drawn


def check_damage_is_refused(pictures: Pictures) -> None:
    """Raises: AssertionError: a damaged file was taken."""
    whole = png()
    for broken in (whole[:20], whole[:-30], b"\x89PNG\r\n\x1a\n", whole.replace(b"IHDR", b"JHDR")):
        with pytest.raises(RefusedUpload) as refused:
            _drawn(pictures, broken)
        assert refused.value.code == "UPLOAD_DAMAGED"


def check_a_claim_of_many_pixels_is_refused(pictures: Pictures) -> None:
    """Raises: AssertionError: a small file that claims to be huge was taken."""
    with pytest.raises(RefusedUpload) as refused:
        _drawn(pictures, png(claimed=MOST_PIXELS))
    assert refused.value.code == "UPLOAD_TOO_LARGE"


def _drawn(pictures: Pictures, content: bytes) -> bytes:
    return pictures.drawn_again(content, PictureKind.PNG, most_pixels=MOST_PIXELS)
