"""Every store by the same laws."""

from los_core.testing.store import TransactionLaws
from los_core.testing.store_platform import LenderLaws, PlatformLaws, QueueLaws
from los_core.testing.store_records import BorrowerLaws, DeskLaws, LoanLaws, MoneyLaws


class TestTransactions(TransactionLaws):
    pass


class TestBorrowers(BorrowerLaws):
    pass


class TestLoans(LoanLaws):
    pass


class TestMoney(MoneyLaws):
    pass


class TestDesk(DeskLaws):
    pass


class TestLender(LenderLaws):
    pass


class TestPlatform(PlatformLaws):
    pass


class TestQueue(QueueLaws):
    pass
