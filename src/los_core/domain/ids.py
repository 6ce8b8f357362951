"""The identities of things: UUIDs with a meaning each, so that one cannot be passed for another.

New ids come from the `Entropy` port (UUIDv7, so that rows sort by age); numbers that people read
(`LN-000042`) are given by the store and are plain text.
"""

from typing import Final, NewType
from uuid import UUID

BrandId = NewType("BrandId", UUID)
CustomerId = NewType("CustomerId", UUID)
StaffId = NewType("StaffId", UUID)
LoanId = NewType("LoanId", UUID)
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
