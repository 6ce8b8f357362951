"""Pictures that staff put on file: what they are for, what kinds are taken, how large.

A kind is told by how the content begins, whatever its name or declared type says. What could act by
itself (SVG, HTML, PDF, anything unknown) is not taken. Source: reliability design §16; threat rows
58 and 89.
"""

import hashlib
from enum import StrEnum
from typing import Final

from los_core.domain.errors import DomainError
from los_core.domain.ids import BrandId

MOST_PIXELS: Final = 25_000_000
"""Of one picture; a small file can claim to be more."""


class RefusedUpload(DomainError):
    """The file is not taken; the code says why."""

    code = "UPLOAD_REFUSED"


class Purpose(StrEnum):
    """What a picture is for."""

    LOGO = "LOGO"
    BLOG_IMAGE = "BLOG_IMAGE"
    PAYMENT_PROOF = "PAYMENT_PROOF"


class PictureKind(StrEnum):
    """A kind of picture, by its content type."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"

    @property
    def suffix(self) -> str:
        """How the name of such a file ends."""
        return {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}[self.value]


MOST_BYTES: Final = {
    Purpose.LOGO: 1 * 2**20,
    Purpose.BLOG_IMAGE: 5 * 2**20,
    Purpose.PAYMENT_PROOF: 5 * 2**20,
}


def kind_of(content: bytes, purpose: Purpose) -> PictureKind:
    """Return what a file is. Raises: RefusedUpload: none of ours, or too large for its purpose."""
    if len(content) > MOST_BYTES[purpose]:
        raise RefusedUpload(
            "this file is too large",
            code="UPLOAD_TOO_LARGE",
            details={"mostBytes": MOST_BYTES[purpose]},
        )
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return PictureKind.WEBP
    raise RefusedUpload("send a PNG, JPEG or WebP picture", code="UPLOAD_TYPE")


def key_of(brand_id: BrandId, purpose: Purpose, content: bytes, kind: PictureKind) -> str:
    """Return where a picture is kept: by its content, so that the same one is kept once."""
    name = hashlib.sha256(content).hexdigest()[:32]
    return f"uploads/{brand_id}/{purpose.lower().replace('_', '-')}/{name}.{kind.suffix}"
