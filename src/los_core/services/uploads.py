"""Pictures that staff put on file: a brand's logo, images of its blogs, proofs of payment.

What is kept is the picture drawn again, under a key made of its content; who put it there is in the
trail. Source: reliability design §16.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.upload import MOST_PIXELS, PictureKind, Purpose, key_of, kind_of
from los_core.ports.pictures import Pictures
from los_core.ports.storage import Storage
from los_core.ports.work import Begin
from los_core.services.access_log import AccessLog
from los_core.services.callers import StaffCaller

LINK_LIFE: Final = timedelta(minutes=5)
NEEDS: Final[Mapping[Purpose, str]] = {
    Purpose.LOGO: "settings:write",
    Purpose.BLOG_IMAGE: "settings:write",
    Purpose.PAYMENT_PROOF: "payments:record",
}
"""What one must be allowed to do, to put a picture on file for a purpose."""


@attrs.frozen(kw_only=True)
class Kept:
    """A picture on file, with an address that shows it for a few minutes."""

    key: str
    kind: PictureKind
    size: int
    sha256: str
    url: str


@attrs.frozen(kw_only=True)
class Uploads:
    """Puts pictures on file."""

    begin: Begin
    storage: Storage
    pictures: Pictures
    log: AccessLog

    def keep(self, caller: StaffCaller, purpose: Purpose, content: bytes) -> Kept:
        """Put a picture on file; the same one again is no other.

        Raises: Forbidden: not for this purpose; RefusedUpload: no picture of ours, damaged, or too
            large.
        """
        caller.need(NEEDS[purpose])
        kind = kind_of(content, purpose)
        drawn = self.pictures.drawn_again(content, kind, most_pixels=MOST_PIXELS)
        key, digest = key_of(caller.brand_id, purpose, drawn, kind), hashlib.sha256(drawn)
        self.storage.put(key, drawn, content_type=kind.value)
        with self.begin(caller.brand_id) as uow:
            self.log.note(
                uow,
                "upload.kept",
                by=caller,
                about=UUID(bytes=digest.digest()[:16]),
                entity="upload",
                facts={"key": key, "purpose": purpose.value, "bytes": len(drawn)},
            )
        name = f"{purpose.lower()}.{kind.suffix}"
        return Kept(
            key=key,
            kind=kind,
            size=len(drawn),
            sha256=digest.hexdigest(),
            url=self.storage.link(key, filename=name, expires_in=LINK_LIFE),
        )
