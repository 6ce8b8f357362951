"""What customers see of a brand: its looks and its cards."""

from decimal import Decimal
from typing import Annotated, Any, Final

import attrs
import msgspec
from msgspec import Meta

from los_core.domain.appearance import Appearance, Shades, parse_colour
from los_core.domain.card import Card, CardEligibility, CardType
from los_core.domain.record_kinds import APPEARANCE, CARDS
from los_http.fields import END, PARSE, Amount, Body, Name, Percent
from los_http.records import Module, RecordView

Colour = Annotated[
    str,
    Meta(max_length=7, pattern="^#[0-9A-Fa-f]{6}" + END, extra={PARSE: parse_colour}),
]
StorageKey = Annotated[str, Meta(max_length=200)]
Age = Annotated[int, Meta(ge=18, le=100)]
Score = Annotated[int, Meta(ge=300, le=900)]


class ShadesBody(Body):
    """Colours that a page asks for by name; null: it derives them."""

    hover: Colour | None = None
    active: Colour | None = None
    focus: Colour | None = None
    light: Colour | None = None
    contrast: Colour | None = None


class AppearanceBody(Body):
    """A theme."""

    primary: Colour
    secondary: Colour
    font: Name
    logo_key: StorageKey = ""
    dark: bool = False
    rounded: bool = True
    tokens: ShadesBody = msgspec.field(default_factory=ShadesBody)


class AppearanceView(RecordView):
    """A theme."""

    primary: str
    secondary: str
    font: str
    logo_key: str
    dark: bool
    rounded: bool
    tokens: ShadesBody


class CardEligibilityBody(Body):
    """Whom a card is for; null: it does not matter."""

    min_salary_paise: Amount | None = None
    min_age: Age | None = None
    max_age: Age | None = None
    min_score: Score | None = None


class CardBody(Body):
    """A card product."""

    name: Name
    type: CardType
    limit_paise: Amount
    rate_pct: Percent
    eligibility: CardEligibilityBody = msgspec.field(default_factory=CardEligibilityBody)
    order: Annotated[int, Meta(ge=0, le=10_000)] = 0
    active: bool = True


class CardView(RecordView):
    """A card product."""

    name: str
    type: CardType
    limit_paise: int
    rate_pct: str
    eligibility: CardEligibilityBody
    order: int
    active: bool


def _appearance(body: AppearanceBody, _: Appearance | None) -> Appearance:
    return Appearance(
        primary=parse_colour(body.primary),
        secondary=parse_colour(body.secondary),
        font=body.font,
        logo_key=body.logo_key,
        dark=body.dark,
        rounded=body.rounded,
        tokens=Shades(
            **{
                name: parse_colour(colour)
                for name, colour in msgspec.structs.asdict(body.tokens).items()
                if colour is not None
            }
        ),
    )


def appearance_fields(value: Appearance) -> dict[str, Any]:
    """Return a theme's fields."""
    return {
        "primary": value.primary,
        "secondary": value.secondary,
        "font": value.font,
        "logo_key": value.logo_key,
        "dark": value.dark,
        "rounded": value.rounded,
        "tokens": ShadesBody(**attrs.asdict(value.tokens)),
    }


def _card(body: CardBody, _: Card | None) -> Card:
    asked = body.eligibility
    return Card(
        name=body.name,
        type=body.type,
        limit=body.limit_paise,
        rate_pct=Decimal(body.rate_pct),
        eligibility=CardEligibility(
            min_salary=asked.min_salary_paise,
            min_age=asked.min_age,
            max_age=asked.max_age,
            min_score=asked.min_score,
        ),
        order=body.order,
        active=body.active,
    )


def card_fields(value: Card) -> dict[str, Any]:
    """Return a card's fields."""
    asked = value.eligibility
    return {
        "name": value.name,
        "type": value.type,
        "limit_paise": value.limit,
        "rate_pct": str(value.rate_pct),
        "eligibility": CardEligibilityBody(
            min_salary_paise=asked.min_salary,
            min_age=asked.min_age,
            max_age=asked.max_age,
            min_score=asked.min_score,
        ),
        "order": value.order,
        "active": value.active,
    }


MODULES: Final = (
    Module(
        kind=APPEARANCE,
        body=AppearanceBody,
        view=AppearanceView,
        read=_appearance,
        show=appearance_fields,
    ),
    Module(kind=CARDS, body=CardBody, view=CardView, read=_card, show=card_fields),
)
