"""How a brand writes to its customers, and whom it asks back."""

from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from los_core.domain.blog import LONGEST, Blog, Markup, Seo
from los_core.domain.contact import Window
from los_core.domain.message_template import MessageTemplate
from los_core.domain.notices import Channel
from los_core.domain.record_kinds import BLOGS, RELOAN_RULES, REMINDER_RULES, TEMPLATES
from los_core.domain.reloan import ReloanConfig, ReloanRule
from los_core.domain.reminder_rules import Kind as Reminder
from los_core.domain.reminder_rules import Rule
from los_http.fields import END, Body, Code, Name, Percent, Text
from los_http.markup import cleaned
from los_http.records import Module, RecordView

Days = Annotated[int, Meta(ge=0, le=3_660)]
Words = Annotated[str, Meta(max_length=20_000)]
Keyword = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\W_][\w -]*" + END)]
Hour = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]" + END, description="In India, as 09:30")
]


class SeoBody(Body):
    """What a search engine is told."""

    title: Text = ""
    description: Annotated[str, Meta(max_length=500)] = ""
    keywords: Annotated[list[Keyword], Meta(max_length=20)] = msgspec.field(default_factory=list)


class BlogBody(Body):
    """A text; of its HTML only what is harmless is kept."""

    slug: Name
    title: Text
    body: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    markup: Markup = Markup.HTML
    image_key: Text = ""
    seo: SeoBody = msgspec.field(default_factory=SeoBody)
    published: bool = False


class BlogView(RecordView):
    """A text as its author left it, cleaned."""

    slug: str
    title: str
    body: str
    markup: Markup
    image_key: str
    seo: SeoBody
    published: bool


class ReloanBody(Body):
    """Whom a brand asks back; without a product, for all that have no rule of their own."""

    product: Annotated[str, Meta(max_length=64)] = ""
    min_days_since_closure: Days = 1
    min_rating: Annotated[int, Meta(ge=1, le=5)] = 3
    max_active_loans: Annotated[int, Meta(ge=0, le=10)] = 0
    max_dpd_last_loan: Days = 7
    min_on_time_pct: Percent = "80"
    cooldown_after_decline_days: Days = 30
    increase_pct_by_rating: Annotated[list[Percent], Meta(min_length=5, max_length=5)] = (
        msgspec.field(default_factory=lambda: ["0", "0", "0", "10", "25"])
    )
    auto_create: bool = False


class ReloanView(RecordView):
    """Whom a brand asks back; increases are for the ratings 1 to 5, in their order."""

    product: str
    min_days_since_closure: int
    min_rating: int
    max_active_loans: int
    max_dpd_last_loan: int
    min_on_time_pct: str
    cooldown_after_decline_days: int
    increase_pct_by_rating: list[str]
    auto_create: bool


class ReminderBody(Body):
    """When a reminder goes; `offsetDays` counts from the date it is about, below zero before."""

    kind: Reminder
    offset_days: Annotated[int, Meta(ge=-366, le=366)]
    channels: Annotated[list[Channel], Meta(min_length=1, max_length=3)]
    template: Code
    opens: Hour | None = None
    closes: Hour | None = None
    active: bool = True


class ReminderView(RecordView):
    """When a reminder goes; null hours are those of the law."""

    kind: Reminder
    offset_days: int
    channels: list[Channel]
    template: str
    opens: str | None
    closes: str | None
    active: bool


class TemplateBody(Body):
    """A brand's own words; fields stand in braces, an SMS has its DLT id."""

    code: Code
    channel: Channel
    body: Words
    language: Annotated[str, Meta(min_length=2, max_length=8)] = "en"
    dlt_template_id: Annotated[str, Meta(max_length=25)] = ""
    subject: Text = ""
    active: bool = True


class TemplateView(RecordView):
    """A brand's own words."""

    code: str
    channel: Channel
    language: str
    dlt_template_id: str
    subject: str
    body: str
    active: bool


def _blog(body: BlogBody, _: Blog | None) -> Blog:
    return Blog(
        slug=body.slug,
        title=body.title,
        body=cleaned(body.body) if body.markup is Markup.HTML else body.body,
        markup=body.markup,
        image_key=body.image_key,
        seo=Seo(
            title=body.seo.title,
            description=body.seo.description,
            keywords=tuple(body.seo.keywords),
        ),
        published=body.published,
    )


def _blog_fields(value: Blog) -> dict[str, Any]:
    return {
        "slug": value.slug,
        "title": value.title,
        "body": cleaned(value.body) if value.markup is Markup.HTML else value.body,
        "markup": value.markup,
        "image_key": value.image_key,
        "seo": seo_view(value.seo),
        "published": value.published,
    }


def seo_view(seo: Seo) -> SeoBody:
    """Return what a search engine is told."""
    return SeoBody(title=seo.title, description=seo.description, keywords=list(seo.keywords))


def _reloan(body: ReloanBody, _: ReloanRule | None) -> ReloanRule:
    return ReloanRule(
        product=body.product,
        config=ReloanConfig(
            min_days_since_closure=body.min_days_since_closure,
            min_rating=body.min_rating,
            max_active_loans=body.max_active_loans,
            max_dpd_last_loan=body.max_dpd_last_loan,
            min_on_time_pct=Decimal(body.min_on_time_pct),
            cooldown_after_decline_days=body.cooldown_after_decline_days,
            increase_pct_by_rating={
                rating: Decimal(text)
                for rating, text in enumerate(body.increase_pct_by_rating, start=1)
            },
            auto_create=body.auto_create,
        ),
    )


def _reloan_fields(value: ReloanRule) -> dict[str, Any]:
    config = value.config
    return {
        "product": value.product,
        "min_days_since_closure": config.min_days_since_closure,
        "min_rating": config.min_rating,
        "max_active_loans": config.max_active_loans,
        "max_dpd_last_loan": config.max_dpd_last_loan,
        "min_on_time_pct": str(config.min_on_time_pct),
        "cooldown_after_decline_days": config.cooldown_after_decline_days,
        "increase_pct_by_rating": [
            str(config.increase_pct_by_rating.get(rating, Decimal(0))) for rating in range(1, 6)
        ],
        "auto_create": config.auto_create,
    }


def _reminder(body: ReminderBody, _: Rule | None) -> Rule:
    window = None
    if body.opens is not None or body.closes is not None:
        window = Window(_hour(body.opens or "00:00"), _hour(body.closes or "23:59"))
    return Rule(
        kind=body.kind,
        offset_days=body.offset_days,
        channels=tuple(body.channels),
        template=body.template,
        window=window,
        active=body.active,
    )


def _hour(text: str) -> time:
    return time.fromisoformat(text)


def _reminder_fields(value: Rule) -> dict[str, Any]:
    hours = value.window
    return {
        "kind": value.kind,
        "offset_days": value.offset_days,
        "channels": list(value.channels),
        "template": value.template,
        "opens": hours and f"{hours.opens:%H:%M}",
        "closes": hours and f"{hours.closes:%H:%M}",
        "active": value.active,
    }


def _template(body: TemplateBody, _: MessageTemplate | None) -> MessageTemplate:
    return MessageTemplate(
        code=body.code,
        channel=body.channel,
        language=body.language,
        dlt_template_id=body.dlt_template_id,
        subject=body.subject,
        body=body.body,
        active=body.active,
    )


def _template_fields(value: MessageTemplate) -> dict[str, Any]:
    return {
        "code": value.code,
        "channel": value.channel,
        "language": value.language,
        "dlt_template_id": value.dlt_template_id,
        "subject": value.subject,
        "body": value.body,
        "active": value.active,
    }


MODULES: Final = (
    Module(kind=BLOGS, body=BlogBody, view=BlogView, read=_blog, show=_blog_fields),
    Module(kind=RELOAN_RULES, body=ReloanBody, view=ReloanView, read=_reloan, show=_reloan_fields),
    Module(
        kind=REMINDER_RULES,
        body=ReminderBody,
        view=ReminderView,
        read=_reminder,
        show=_reminder_fields,
    ),
    Module(
        kind=TEMPLATES,
        body=TemplateBody,
        view=TemplateView,
        read=_template,
        show=_template_fields,
    ),
)
