"""The settings a brand has one of: switches and limits, policy links, scoring, hard rules."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import attrs
import msgspec
from litestar import Response, Router
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.brand import PolicyLinks, Settings
from los_core.domain.documents import from_document, to_document
from los_core.domain.evaluation_items import Config, WhenMissing
from los_core.domain.rule import OnMissing, Operator, Rule, Severity
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.admin.brands import Link
from los_http.auth import SETTINGS, SETTINGS_READ
from los_http.fields import END, Amount, Body, Code, Day, Name, Percent, View
from los_http.routes import get, put
from los_http.versions import seen, tagged
from los_http.views.money import ApprovalView, approval_view

_TEXTS: Final = {
    "pincode_prefixes": r"^[1-9][0-9]{0,5}",
    "negative_pincodes": r"^[1-9][0-9]{5}",
    "cities_a": r"^[A-Z][A-Z .-]{1,40}",
    "cities_b": r"^[A-Z][A-Z .-]{1,40}",
    "esign_final_copy_recipients": r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
}
"""The form of the texts in a list, by the field's name; an origin is anything else."""
_ORIGIN: Final = r"^https?://[a-z0-9.:-]{1,200}"
_AMOUNTS: Final = frozenset(("salary_threshold", "auto_approve_limit"))
"""What is money, in paise."""
_Count = Annotated[int, Meta(ge=0, le=3660)]


def _field(name: str, hint: Any, default: Any) -> tuple[str, Any, Any]:
    """Return a field of the settings as a body and a view have it."""
    if name in _AMOUNTS:
        return f"{name}_paise", Amount, default
    if hint is Decimal:
        return name, Percent, format(default, "f")
    if hint is int:
        return name, _Count, default
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        item: Any = UUID
        if inner is str:
            item = Annotated[str, Meta(max_length=250, pattern=_TEXTS.get(name, _ORIGIN) + END)]
        many = Annotated[list[item], Meta(max_length=500)]
        return name, many, msgspec.field(default_factory=_maker(default))
    if hint is str:
        return name, Annotated[str, Meta(max_length=500)], default
    assert hint is bool or issubclass(hint, StrEnum), f"say how {name} is sent"
    return name, hint, default


def _maker(values: tuple[Any, ...]) -> Callable[[], list[Any]]:
    return lambda: list(values)


def _fields() -> list[tuple[str, Any, Any]]:
    hints = get_type_hints(Settings)
    plain = Settings()
    return [
        _field(each.name, hints[each.name], getattr(plain, each.name))
        for each in attrs.fields(Settings)
        if each.name != "version"
    ]


if TYPE_CHECKING:

    class BrandSettingsBody(Body):
        """Every switch and limit of `domain.brand.Settings`."""

    class BrandSettingsView(View):
        """The same, with their version."""

else:
    BrandSettingsBody = msgspec.defstruct(
        "BrandSettingsBody", _fields(), bases=(Body,), kw_only=True, module=__name__
    )
    BrandSettingsView = msgspec.defstruct(
        "BrandSettingsView",
        [("version", int), *((name, hint) for name, hint, _ in _fields())],
        bases=(View,),
        kw_only=True,
        module=__name__,
    )


class PathsBody(Body):
    """Where the brand's public texts are; each an https address, "" for none."""

    terms: Link = ""
    privacy: Link = ""
    faq: Link = ""


class PathsView(View):
    """Where the brand's public texts are."""

    version: int
    terms: str
    privacy: str
    faq: str


Part = int | str | bool


class BandBody(Body, kw_only=True):
    """Values from `min` (included) to `max` (excluded) score `score`; null: open."""

    min: int | str | None = None
    max: int | str | None = None
    score: Percent


class ItemBody(Body, kw_only=True):
    """One criterion: BAND by bands, or BINARY by operator and threshold."""

    code: Code
    weight: Percent
    field: Name
    type: Literal["BAND", "BINARY"] = "BAND"
    bands: list[BandBody] = msgspec.field(default_factory=list)
    operator: Operator | None = None
    threshold: Part | list[Part] | None = None
    pass_score: Percent = "1"  # noqa: S105 - a score, not a password
    hard_reject: bool = False
    soft_flag: bool = False
    on_missing: WhenMissing = WhenMissing.REFER


class EvaluationBody(Body, kw_only=True):
    """Items whose weights total 100, and the lines of the decision, in per cent."""

    items: Annotated[list[ItemBody], Meta(min_length=1, max_length=100)]
    approve_at: Percent = "75"
    reject_below: Percent = "50"
    min_coverage_pct: Percent = "70"
    max_soft_flags: Annotated[int, Meta(ge=0, le=100)] = 1


class EvaluationView(View):
    """Items and lines, with their version."""

    version: int
    items: list[ItemBody]
    approve_at: str
    reject_below: str
    min_coverage_pct: str
    max_soft_flags: int


class RuleBody(Body, kw_only=True):
    """A hard rule: one test of one key of the applicant document."""

    code: Code
    priority: Annotated[int, Meta(ge=0, le=100_000)]
    field: Name
    operator: Operator
    threshold: Part | list[Part] | None = None
    severity: Severity = Severity.HARD
    on_missing: OnMissing = OnMissing.REFER
    reason_code: Code
    applies_when: dict[str, Part] = msgspec.field(default_factory=dict)
    is_active: bool = True
    effective_from: Day | None = None
    effective_to: Day | None = None


class RulesBody(Body):
    """The whole set."""

    rules: Annotated[list[RuleBody], Meta(min_length=1, max_length=500)]


class RulesView(View):
    """The whole set, with its version."""

    version: int
    rules: list[RuleBody]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/settings",
        tags=["Staff: settings"],
        route_handlers=[
            brand_settings,
            replace_brand_settings,
            policy_paths,
            replace_policy_paths,
            evaluation_items,
            replace_evaluation_items,
            bre_rules,
            replace_bre_rules,
        ],
        dependencies={"version": Provide(seen, sync_to_thread=False)},
    )


def _settings(body: Any) -> Settings:
    told = msgspec.structs.asdict(body)
    document = {name.removesuffix("_paise"): _plain(value) for name, value in told.items()}
    return from_document(Settings, document, fill=True)


def _plain(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, list) else value


def _shown(settings: Settings) -> BrandSettingsView:
    told = {
        f"{name}_paise" if name in _AMOUNTS else name: value
        for name, value in to_document(settings).items()
    }
    return BrandSettingsView(**told)


@get("/brand", SETTINGS_READ)
def brand_settings(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[BrandSettingsView]:
    """Show the brand's switches and limits."""
    settings = services.brand_rules.settings(partner_user)
    return tagged(_shown(settings), settings.version)


@put("/brand", SETTINGS, versioned=True)
def replace_brand_settings(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[BrandSettingsBody],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[BrandSettingsView]:
    """Replace the brand's switches and limits; they steer what begins from now on."""
    new = _settings(data)
    settings = services.brand_rules.change_settings(partner_user, lambda _: new, version=version)
    return tagged(_shown(settings), settings.version)


@get("/brand-paths", SETTINGS_READ)
def policy_paths(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[PathsView]:
    """Show where the brand's public texts are."""
    brand = services.brand_rules.links(partner_user)
    return tagged(_paths(brand.policy_links, brand.version), brand.version)


@put("/brand-paths", SETTINGS, versioned=True)
def replace_policy_paths(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[PathsBody],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[PathsView]:
    """Say where the brand's public texts are; agreements and the public page name them."""
    links = PolicyLinks(terms=data.terms, privacy=data.privacy, faq=data.faq)
    brand = services.brand_rules.change_links(partner_user, links, version=version)
    return tagged(_paths(brand.policy_links, brand.version), brand.version)


def _paths(links: PolicyLinks, version: int) -> PathsView:
    return PathsView(version=version, terms=links.terms, privacy=links.privacy, faq=links.faq)


@get("/evaluation-items", SETTINGS_READ)
def evaluation_items(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[EvaluationView]:
    """Show how applications are scored."""
    config = services.brand_rules.evaluation(partner_user)
    return tagged(msgspec.convert(config.document(), EvaluationView), config.version)


@put("/evaluation-items", SETTINGS, versioned=True)
def replace_evaluation_items(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[EvaluationBody],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[EvaluationView]:
    """Replace how applications are scored."""
    asked = Config.from_document({**msgspec.to_builtins(data), "version": version})
    config = services.brand_rules.replace_evaluation(partner_user, asked, version=version)
    return tagged(msgspec.convert(config.document(), EvaluationView), config.version)


@get("/bre-rules", SETTINGS_READ)
def bre_rules(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[RulesView]:
    """Show the hard rules in their present version."""
    version, rules = services.brand_rules.rules(partner_user)
    documents = [_rule_fields(rule) for rule in rules]
    return tagged(msgspec.convert({"version": version, "rules": documents}, RulesView), version)


@put("/bre-rules", SETTINGS, versioned=True, status=202)
def replace_bre_rules(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[RulesBody],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[ApprovalView]:
    """Ask a second person to replace the hard rules from the next day."""
    rules = [Rule.from_document(msgspec.to_builtins(rule)) for rule in data.rules]
    approval = services.brand_rules.ask_for_rules(partner_user, rules, version=version)
    return Response(approval_view(approval), status_code=202)


def _rule_fields(rule: Rule) -> dict[str, Any]:
    document = rule.document()
    return {
        **document,
        "effectiveFrom": _date(document["effectiveFrom"]),
        "effectiveTo": _date(document["effectiveTo"]),
    }


def _date(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
