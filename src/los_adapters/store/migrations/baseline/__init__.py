"""The tables of the first revision, as they were: later revisions change the database, not them."""

from sqlalchemy import MetaData

from los_adapters.store.migrations.baseline import desk, lender, loans, money, papers, people
from los_adapters.store.migrations.shapes import NAMES


def tables() -> MetaData:
    """Return the tables."""
    metadata = MetaData(naming_convention=NAMES)
    for area in (lender, people, loans, papers, money, desk):
        area.add(metadata)
    return metadata
