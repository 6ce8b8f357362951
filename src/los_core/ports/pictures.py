"""Drawing a picture again, so that nothing but the picture is kept."""

from typing import Protocol

from los_core.domain.upload import PictureKind


class Pictures(Protocol):
    """Reads pictures from outside."""

    def drawn_again(self, content: bytes, kind: PictureKind, *, most_pixels: int) -> bytes:
        """Return the picture in its own kind, without what else was in the file.

        Neither place, camera, comment nor anything behind the picture is left. Raises:
        RefusedUpload: it is damaged (code UPLOAD_DAMAGED) or has too many pixels
        (UPLOAD_TOO_LARGE).
        """
        ...
