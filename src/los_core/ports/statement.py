"""Reading bank statements out of the PDF files customers upload."""

from typing import Protocol

from los_core.domain.statement import Statement


class StatementReader(Protocol):
    """Reads one account's statement out of one PDF file."""

    def read(self, pdf: bytes, *, password: str | None) -> Statement:
        """Return the statement, rows in the bank's order and amounts as printed.

        A few rows that the running balance does not prove are returned as they are: what that
        means is for the domain to say. Password None: the customer gave none; it is never kept.
        Raises: UnreadableStatement: no text, locked, damaged, too large or too complex, an unknown
            layout, or mostly unproven rows. Unavailable: the reader itself could not run.
        """
        ...
