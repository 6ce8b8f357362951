"""The identities of things: UUIDs with a meaning each, so that one cannot be passed for another.

New ids come from the `Entropy` port (UUIDv7, so that rows sort by age); numbers that people read
(`LN-000042`) are given by the store and are plain text.
"""

from typing import Final, NewType
from uuid import UUID

BrandId = NewType("BrandId", UUID)
"""A brand of the installation."""
CustomerId = NewType("CustomerId", UUID)
"""A customer of one brand; the same person at two brands is two."""
StaffId = NewType("StaffId", UUID)
"""A member of staff."""
LoanId = NewType("LoanId", UUID)
"""A loan, from its application on."""
OfferId = NewType("OfferId", UUID)
AccountId = NewType("AccountId", UUID)
"""A customer's bank account."""
DocumentId = NewType("DocumentId", UUID)
PaymentId = NewType("PaymentId", UUID)
PayoutId = NewType("PayoutId", UUID)
ApprovalId = NewType("ApprovalId", UUID)
JobId = NewType("JobId", UUID)

PLATFORM: Final = BrandId(UUID(int=0))
"""Stands for "no brand" where a secret of the installation itself is sealed."""
