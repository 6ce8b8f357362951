"""A brand's reasons for moving a loan to a status, for its staff to choose from.

Source: settings modules, Brand Status Reasons; loan lifecycle §1.9 (each reason is the brand's own,
active, and applies to the target status).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.lifecycle import Status

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}", re.ASCII)


@attrs.frozen(kw_only=True)
class StatusReason:
    """One reason.

    Attributes:
        code: upper case, unique in the brand.
        label: as staff read it.
        applies_to: the statuses it may be given for.
        customer_text: as the customer reads it; "" for the built-in wording.

    Raises: Invalid: a code of other letters, no label, no status or one named twice.
    """

    code: str
    label: str
    applies_to: tuple[Status, ...]
    customer_text: str = ""
    active: bool = True

    def __attrs_post_init__(self) -> None:
        faults = []
        if not _CODE.fullmatch(self.code):
            faults.append(("code", "must be 2 to 40 upper-case letters, digits and _"))
        if not self.label.strip():
            faults.append(("label", "must say something"))
        if not self.applies_to or len(set(self.applies_to)) < len(self.applies_to):
            faults.append(("appliesTo", "must name at least one status, each once"))
        if faults:
            raise Invalid("no such reason", fields=faults)


def offered(reasons: Iterable[StatusReason], target: Status) -> tuple[StatusReason, ...]:
    """Return the active reasons for a status."""
    return tuple(each for each in reasons if each.active and target in each.applies_to)


def check(reasons: Iterable[StatusReason], target: Status, codes: Sequence[str]) -> None:
    """Check the codes that somebody gives for a move to a status.

    A brand that set no reason for the status takes any code. Raises: Invalid: a code that is not
    one of the brand's for it.
    """
    known = {each.code for each in offered(reasons, target)}
    if known and (wrong := [code for code in codes if code not in known]):
        raise Invalid(
            "this reason is not one for the status",
            fields=[("reasonCodes", f"not a reason for {target}: {', '.join(wrong)}")],
        )
