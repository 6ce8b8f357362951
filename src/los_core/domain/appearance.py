"""How a brand looks: colours, face, logo. Source: settings modules, Appearance."""

import re
from typing import Final

import attrs

from los_core.domain.errors import Invalid

_COLOUR: Final = re.compile(r"#[0-9A-F]{6}", re.ASCII)
_FONT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 '-]{0,59}", re.ASCII)
_KEY: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def parse_colour(text: str) -> str:
    """Return a colour as it is kept: "#RRGGBB", upper case. Raises: Invalid."""
    colour = text.strip().upper()
    if not _COLOUR.fullmatch(colour):
        raise Invalid("no colour", fields=[("colour", "must be a colour such as #1F3A5F")])
    return colour


@attrs.frozen(kw_only=True)
class Shades:
    """Colours that a page asks for by name; None: it derives them."""

    hover: str | None = None
    active: str | None = None
    focus: str | None = None
    light: str | None = None
    contrast: str | None = None

    def __attrs_post_init__(self) -> None:
        for colour in attrs.astuple(self):
            if colour is not None:
                parse_colour(colour)


@attrs.frozen(kw_only=True)
class Appearance:
    """A brand's theme; colours as `parse_colour` returns them.

    `logo_key` is where the logo is in the public storage, "" for none.
    Raises: Invalid: with every field that is wrong.
    """

    primary: str = "#1F3A5F"
    secondary: str = "#F2A541"
    font: str = "Noto Sans"
    logo_key: str = ""
    dark: bool = False
    rounded: bool = True
    tokens: Shades = attrs.field(factory=Shades)

    def __attrs_post_init__(self) -> None:
        parse_colour(self.primary)
        parse_colour(self.secondary)
        faults = []
        if not _FONT.fullmatch(self.font):
            faults.append(("font", "must be the name of a typeface"))
        if self.logo_key and not (len(self.logo_key) <= 200 and _KEY.fullmatch(self.logo_key)):
            faults.append(("logoKey", "must be the key of a stored file"))
        if faults:
            raise Invalid("no such theme", fields=faults)
