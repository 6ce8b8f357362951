"""What a brand publishes for its customers to read. Source: settings modules, Brand Blogs.

How a text becomes safe to show is the edge's business; here it is as its author left it, cleaned.
"""

import re
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.errors import Invalid

LONGEST: Final = 50_000
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_KEY: Final = re.compile(r"uploads/[A-Za-z0-9._/-]{1,180}", re.ASCII)


class Markup(StrEnum):
    """How a body is written."""

    HTML = "HTML"
    MARKDOWN = "MARKDOWN"


@attrs.frozen(kw_only=True)
class Seo:
    """What a search engine is told."""

    title: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Blog:
    """One text.

    Attributes:
        slug: its name in addresses, unique in the brand.
        image_key: of an upload of the brand's, "" for none.

    Raises: Invalid: with every field that is wrong.
    """

    slug: str
    title: str
    body: str
    markup: Markup = Markup.HTML
    image_key: str = ""
    seo: Seo = attrs.field(factory=Seo)
    published: bool = False

    def __attrs_post_init__(self) -> None:
        faults = []
        if not (len(self.slug) <= 100 and _SLUG.fullmatch(self.slug)):
            faults.append(("slug", "must be lower-case words with - between"))
        if not self.title.strip():
            faults.append(("title", "must say something"))
        if not 0 < len(self.body.strip()) <= LONGEST:
            faults.append(("body", f"must have 1 to {LONGEST} letters"))
        if self.image_key and not _KEY.fullmatch(self.image_key):
            faults.append(("imageKey", "must be the key of an upload"))
        if faults:
            raise Invalid("no such blog", fields=faults)
