"""Every store by the same laws."""

from los_core.testing.store import TransactionLaws


class TestTransactions(TransactionLaws):
    pass
