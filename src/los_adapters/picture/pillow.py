"""Pictures by Pillow: decoded within limits and encoded anew.

Only the decoder of the kind that was recognised is asked, so that a file cannot choose another. The
picture is turned as its camera says, which is then forgotten with all else that is no pixel.
"""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from los_core.domain.upload import PictureKind, RefusedUpload

_FORMATS: Final = {PictureKind.PNG: "PNG", PictureKind.JPEG: "JPEG", PictureKind.WEBP: "WEBP"}
_QUALITY: Final = 88


class PillowPictures:
    """Takes PNG, JPEG and WebP; of a moving picture the first frame."""

    def drawn_again(self, content: bytes, kind: PictureKind, *, most_pixels: int) -> bytes:
        """Return the picture; see the port."""
        named = _FORMATS[kind]
        try:
            with Image.open(BytesIO(content), formats=(named,)) as found:
                if found.width * found.height > most_pixels:
                    raise RefusedUpload("too many pixels", code="UPLOAD_TOO_LARGE")
                found.load()
                drawn = ImageOps.exif_transpose(found)
                return _encoded(drawn, named)
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as err:
            raise RefusedUpload("the picture is damaged", code="UPLOAD_DAMAGED") from err


def _encoded(picture: Image.Image, named: str) -> bytes:
    bare = Image.new("RGBA" if _has_alpha(picture) else "RGB", picture.size)
    bare.paste(picture.convert(bare.mode))
    told = BytesIO()
    if named == "JPEG":
        bare = bare.convert("RGB")
    bare.save(told, named, **({} if named == "PNG" else {"quality": _QUALITY}))
    return told.getvalue()


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("LA", "RGBA", "PA") or "transparency" in picture.info
