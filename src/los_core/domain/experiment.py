"""Try one scorecard against another: whose loan goes to which arm, and what both would have said.

The arm follows from the experiment and the loan alone, so it is the same on every machine and for
every repeat. Both models always score; only the arm's result decides. In shadow mode the challenger
is scored and never decides. What to make of the outcomes is `monitoring`.

Source: rules page §5.7.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

import attrs

from los_core.domain.applicant import Applicant
from los_core.domain.errors import Invalid, NotFound
from los_core.domain.scorecard import Scored, score
from los_core.domain.scorecard_model import Model

BUCKETS: Final = 10_000


class Arm(StrEnum):
    """Which model decides."""

    CHAMPION = "CHAMPION"
    CHALLENGER = "CHALLENGER"


@attrs.frozen(kw_only=True)
class Experiment:
    """A champion and a challenger, which decides `challenger_pct` per cent of loans.

    `shadow`: the challenger is only watched. Raises: Invalid: no id, or a share outside 0 to 100 or
    finer than two decimals, which the buckets could not keep to.
    """

    id: str
    champion: Model
    challenger: Model
    challenger_pct: Decimal
    shadow: bool = False

    def __attrs_post_init__(self) -> None:
        share = self.challenger_pct
        if not self.id:
            raise Invalid("an experiment has an id", fields=(("id", "must not be empty"),))
        if not share.is_finite() or not 0 <= share <= 100 or share * 100 % 1:
            says = "is a share from 0 to 100 with at most two decimals"
            raise Invalid(f"challenger_pct {says}", fields=(("challenger_pct", says),))

    def arm(self, loan_id: str) -> Arm:
        """Return whose result decides for a loan."""
        if self.shadow or bucket(self.id, loan_id) >= self.challenger_pct * 100:
            return Arm.CHAMPION
        return Arm.CHALLENGER


@attrs.frozen(kw_only=True)
class Trial:
    """What both models said of one loan, and whose word counts."""

    experiment_id: str
    loan_id: str
    bucket: int
    arm: Arm
    shadow: bool
    champion: Scored
    challenger: Scored

    @property
    def used(self) -> Scored:
        """The result that decides."""
        return self.champion if self.arm is Arm.CHAMPION else self.challenger

    @property
    def agree(self) -> bool:
        """Whether both models decide alike."""
        return self.champion.decision is self.challenger.decision

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form that is stored."""
        return {
            "experiment_id": self.experiment_id,
            "loan_id": self.loan_id,
            "bucket": self.bucket,
            "arm": self.arm.value,
            "shadow": self.shadow,
            "champion": self.champion.document(),
            "challenger": self.challenger.document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the trial as it was stored. Raises: Invalid."""
        try:
            return cls(
                experiment_id=str(document["experiment_id"]),
                loan_id=str(document["loan_id"]),
                bucket=int(document["bucket"]),
                arm=Arm(document["arm"]),
                shadow=bool(document["shadow"]),
                champion=Scored.from_document(document["champion"]),
                challenger=Scored.from_document(document["challenger"]),
            )
        except (KeyError, TypeError, ValueError) as err:
            raise Invalid("a stored trial is not well formed") from err


def bucket(experiment_id: str, loan_id: str) -> int:
    """Return the loan's place, 0 to 9999: the first 8 hex digits of a SHA-256, modulo 10000."""
    text = f"{experiment_id}:{loan_id}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % BUCKETS


def try_both(experiment: Experiment, loan_id: str, applicant: Applicant) -> Trial:
    """Score an applicant by both models, and say whose result decides.

    The arm follows from the experiment's and the loan's id alone, so it never changes on a repeat.
    """
    return Trial(
        experiment_id=experiment.id,
        loan_id=loan_id,
        bucket=bucket(experiment.id, loan_id),
        arm=experiment.arm(loan_id),
        shadow=experiment.shadow,
        champion=score(experiment.champion, applicant),
        challenger=score(experiment.challenger, applicant),
    )


@attrs.frozen(kw_only=True)
class Release:
    """A model that was approved for use from a business date to another, both included.

    `to` None: until another is released. Raises: Invalid: no approver, or it ends before it begins.
    """

    model: Model
    approved_by: str
    since: date
    to: date | None = None

    def __attrs_post_init__(self) -> None:
        if not self.approved_by.strip():
            raise Invalid("a model is released by a named approver")
        if self.to is not None and self.to < self.since:
            raise Invalid(f"a release cannot end on {self.to} and begin on {self.since}")


def in_force(releases: tuple[Release, ...], on: date) -> Model:
    """Return the model in force on a day: of several, the one released last.

    Raises: NotFound: none is in force.
    """
    open_ones = [
        each for each in releases if each.since <= on and (each.to is None or on <= each.to)
    ]
    if not open_ones:
        raise NotFound(f"no scorecard is in force on {on}")
    return max(open_ones, key=lambda each: each.since).model
