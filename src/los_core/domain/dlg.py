"""The default loss guarantee of a pool: how much cover there is, and what may be called on it.

A guarantor covers part of the losses of a set of loans fixed beforehand. Called cover never comes
back, not by recoveries either; whether a loan is NPA does not depend on it.
Sources: co-lending rules (operations §6); RBI default loss guarantee guidelines of 8-Jun-2023 and
FAQ (cover at most 5 per cent, called within 120 days overdue, never for peer-to-peer lending).
"""

from decimal import Decimal
from typing import Final

import attrs

from los_core.domain.colending import ArrangementType
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.money import Paise, checked, pct_of, positive

CAP_PCT: Final = Decimal(5)
MAX_DAYS_OVERDUE: Final = 120


@attrs.frozen(kw_only=True)
class DlgPool:
    """A guaranteed set of loans, paise.

    Attributes:
        sanctioned: the set as agreed; what of it is `disbursed` so far grows towards it.
        invoked: called so far, whatever was recovered since.
        cap_pct: the guarantee in per cent, at most five.

    Raises: Invalid: a cap outside 0 to 5, more disbursed than agreed, or more called than the cap
        of the whole set; InvalidMoney.
    """

    sanctioned: Paise
    disbursed: Paise = 0
    invoked: Paise = 0
    cap_pct: Decimal = CAP_PCT

    def __attrs_post_init__(self) -> None:
        if not (self.cap_pct.is_finite() and 0 < self.cap_pct <= CAP_PCT):
            raise Invalid(f"a guarantee covers up to {CAP_PCT} per cent, not {self.cap_pct}")
        positive(self.sanctioned, "guaranteed set")
        if not 0 <= checked(self.disbursed, "disbursed") <= self.sanctioned:
            raise Invalid("what is disbursed lies within the guaranteed set")
        if not 0 <= checked(self.invoked, "invoked") <= self.max_cover:
            raise Invalid("what was called lies within the cover of the set")

    @property
    def max_cover(self) -> Paise:
        """The cover once the whole set is disbursed."""
        return pct_of(self.sanctioned, self.cap_pct)

    @property
    def available(self) -> Paise:
        """The cover that may be called now. Example DLG-01: of 20 crore out of 40, one crore."""
        cover = min(pct_of(self.disbursed, self.cap_pct), self.max_cover)
        return max(0, cover - self.invoked)

    def disburse(self, amount: Paise) -> "DlgPool":
        """Return the pool after another loan of the set. Raises: Invalid: beyond the set."""
        return attrs.evolve(self, disbursed=self.disbursed + positive(amount, "disbursed"))

    def invoke(
        self,
        amount: Paise,
        *,
        days_overdue: int,
        arrangement: ArrangementType = ArrangementType.CLA,
    ) -> "DlgPool":
        """Return the pool after a call for a loan's loss.

        Raises: Conflict: DLG_NOT_ALLOWED for a peer-to-peer loan, DLG_NOT_OVERDUE, DLG_TOO_LATE
            beyond 120 days, DLG_EXHAUSTED with what is available; InvalidMoney.
        """
        positive(amount, "call on the guarantee")
        if arrangement is ArrangementType.P2P:
            raise Conflict("no guarantee covers a peer-to-peer loan", code="DLG_NOT_ALLOWED")
        if days_overdue < 1:
            raise Conflict("the loan is not overdue", code="DLG_NOT_OVERDUE")
        if days_overdue > MAX_DAYS_OVERDUE:
            raise Conflict(
                f"a guarantee is called within {MAX_DAYS_OVERDUE} days overdue, not {days_overdue}",
                code="DLG_TOO_LATE",
            )
        if amount > self.available:
            raise Conflict(
                f"the cover left is {self.available} paise, not {amount}",
                code="DLG_EXHAUSTED",
                details={"availablePaise": self.available},
            )
        return attrs.evolve(self, invoked=self.invoked + amount)
