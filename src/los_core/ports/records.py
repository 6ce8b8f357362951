"""Where the records of a brand's settings are, one kind beside the other."""

from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from los_core.domain.coupon import Redemption
from los_core.domain.ids import CustomerId, LoanId
from los_core.domain.record import Kind, Page, Record

T = TypeVar("T")


class CouponUses(Protocol):
    """Which loans took which coupons of the brand."""

    def used(self, code: str) -> int:
        """Return how many uses were taken and not given back."""
        ...

    def by_customer(self, code: str, customer_id: CustomerId) -> int:
        """Return how many of them are a customer's."""
        ...

    def of_loan(self, loan_id: LoanId) -> Redemption | None:
        """Return the use that a loan holds, None if it took none or gave it back."""
        ...

    def put(self, redemption: Redemption) -> None:
        """Write a use, by code and loan."""
        ...


class Records(Protocol):
    """Records of the brand. Each change raises the brand's generation in the same transaction."""

    def add(self, kind: Kind[T], record: Record[T]) -> None:
        """Put a record on file.

        Raises: Conflict: another one has its key (code RECORD_ON_FILE), or is the chief of its
            group (code CHIEF_ON_FILE).
        """
        ...

    def get(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        """Return a record, None if it is missing, removed or of another kind."""
        ...

    def lock(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        """Return the record, held against other writers until the transaction ends."""
        ...

    def by_key(self, kind: Kind[T], key: str) -> Record[T] | None:
        """Return the one record with this key."""
        ...

    def chief(self, kind: Kind[T], group: str) -> Record[T] | None:
        """Return the chief of a group, held against other writers until the transaction ends."""
        ...

    def all(self, kind: Kind[T]) -> Sequence[Record[T]]:
        """In the order they were added."""
        ...

    def page(self, kind: Kind[T], *, skip: int, limit: int) -> Page[T]:
        """Return some of them, in the same order."""
        ...

    def save(self, kind: Kind[T], record: Record[T]) -> Record[T]:
        """Write a record and return it in its new version.

        Raises: StaleVersion; Conflict: as `add`.
        """
        ...

    def remove(self, kind: Kind[T], record: Record[T]) -> None:
        """Raises: StaleVersion: somebody changed or removed it since it was read."""
        ...
