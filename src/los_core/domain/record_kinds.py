"""The table of a brand's settings: every kind of record there is.

A module of the settings is a line here, a class with its rules in a module of its own, an example
in `los_core.testing.settings` and a line in the table of routes; whatever else happens when a
record changes is an effect, which the container ties to the kind.
"""

from typing import Any, Final

import attrs

from los_core.domain.appearance import Appearance
from los_core.domain.blocklist import Block
from los_core.domain.blog import Blog
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.card import Card
from los_core.domain.coupon import Coupon
from los_core.domain.message_template import MessageTemplate
from los_core.domain.offers import LoanProduct
from los_core.domain.own_account import OwnAccount
from los_core.domain.rating import Criterion
from los_core.domain.record import Kind
from los_core.domain.reloan import ReloanRule
from los_core.domain.reminder_rules import Rule as ReminderRule
from los_core.domain.status_reason import StatusReason
from los_core.domain.target import Goal
from los_core.domain.unavailability import Unavailability

APPEARANCE: Final = Kind(name="appearance", holds=Appearance, called="appearance", first=Appearance)
CARDS: Final = Kind(
    name="brand-cards", holds=Card, called="card", key=lambda card: card.name.casefold()
)
BLOCKLIST: Final = Kind(name="blocklist", holds=Block, called="block", key=lambda block: block.key)
PRODUCTS: Final = Kind(
    name="loan-rules",
    holds=LoanProduct,
    called="loan rule",
    key=lambda product: product.code,
    dual=frozenset({"price"}),
)
HOLIDAYS: Final = Kind(
    name="non-repayment-dates",
    holds=NonRepaymentDate,
    called="holiday",
    key=lambda day: day.on.isoformat(),
)
BLOGS: Final = Kind(name="blogs", holds=Blog, called="blog", key=lambda blog: blog.slug)
RELOAN_RULES: Final = Kind(
    name="reloan-configs",
    holds=ReloanRule,
    called="reloan rule",
    key=lambda rule: rule.product or "*",
)
STATUS_REASONS: Final = Kind(
    name="brand-status-reasons",
    holds=StatusReason,
    called="status reason",
    key=lambda reason: reason.code,
)
CUSTOMER_CRITERIA: Final = Kind(
    name="brand-rating-matrix", holds=Criterion, called="rating criterion", key=lambda c: c.code
)
STAFF_CRITERIA: Final = Kind(
    name="partner-user-rating-matrix",
    holds=Criterion,
    called="staff rating criterion",
    key=lambda c: c.code,
)
DAYS_OFF: Final = Kind(
    name="partner-unavailability-dates",
    holds=Unavailability,
    called="day off",
    key=lambda day: day.key,
)
TARGETS: Final = Kind(name="targets", holds=Goal, called="target", key=lambda goal: goal.key)
REMINDER_RULES: Final = Kind(
    name="reminder-configs",
    holds=ReminderRule,
    called="reminder rule",
    key=lambda rule: f"{rule.kind}|{rule.offset_days}",
)
TEMPLATES: Final = Kind(
    name="message-templates",
    holds=MessageTemplate,
    called="message template",
    key=lambda template: template.key,
)

OWN_ACCOUNTS: Final = Kind(
    name="brand-bank-accounts",
    holds=OwnAccount,
    called="bank account",
    key=lambda account: account.key,
    chief=lambda account: account.purpose if account.is_primary else "",
    demoted=lambda account: attrs.evolve(account, is_primary=False),
    sealed=frozenset({"number", "beneficiary_name"}),
    dual=frozenset({"purpose", "number_index", "ifsc", "beneficiary_name", "is_primary"}),
)
COUPONS: Final = Kind(
    name="brand-coupons", holds=Coupon, called="coupon", key=lambda coupon: coupon.code
)

RECORDS: Final[tuple[Kind[Any], ...]] = (
    APPEARANCE,
    CARDS,
    BLOCKLIST,
    PRODUCTS,
    HOLIDAYS,
    OWN_ACCOUNTS,
    COUPONS,
    BLOGS,
    RELOAN_RULES,
    STATUS_REASONS,
    CUSTOMER_CRITERIA,
    STAFF_CRITERIA,
    DAYS_OFF,
    TARGETS,
    REMINDER_RULES,
    TEMPLATES,
)
