"""Every store by the same laws."""

from los_core.testing.store import TransactionLaws
from los_core.testing.store_access import AccessLaws
from los_core.testing.store_activity import SittingLaws
from los_core.testing.store_audit import TrailLaws
from los_core.testing.store_desk import DeskLaws
from los_core.testing.store_erasure import ErasureLaws
from los_core.testing.store_loans import LoanLaws
from los_core.testing.store_money import MoneyLaws
from los_core.testing.store_notices import NoticeLaws
from los_core.testing.store_people import BorrowerLaws
from los_core.testing.store_platform import LenderLaws, PlatformLaws, QueueLaws
from los_core.testing.store_records import KindLaws, RecordLaws
from los_core.testing.store_runs import RunLaws


class TestTransactions(TransactionLaws):
    pass


class TestAccess(AccessLaws):
    pass


class TestBorrowers(BorrowerLaws):
    pass


class TestErasure(ErasureLaws):
    pass


class TestLoans(LoanLaws):
    pass


class TestMoney(MoneyLaws):
    pass


class TestDesk(DeskLaws):
    pass


class TestSittings(SittingLaws):
    pass


class TestNotices(NoticeLaws):
    pass


class TestLender(LenderLaws):
    pass


class TestKinds(KindLaws):
    pass


class TestRecords(RecordLaws):
    pass


class TestPlatform(PlatformLaws):
    pass


class TestQueue(QueueLaws):
    pass


class TestRuns(RunLaws):
    pass


class TestTrail(TrailLaws):
    pass
