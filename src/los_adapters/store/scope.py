"""Whose rows a transaction is about, said to PostgreSQL at its beginning (decision D14).

Either it is of one brand, as the role that sees the rows of the brands it named; or it works across
brands, as the role that sees only the tables that such work needs. Both last until the transaction
ends, whoever logged in. SQLite has no roles: the repositories' own condition is the wall there.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from los_core.domain.ids import BrandId

_OF_BRAND: Final = select(
    func.set_config("role", "los_app", True),
    func.set_config("app.brands", bindparam("brands"), True),
)
_ACROSS: Final = select(func.set_config("role", "los_platform", True))


def of_brand(connection: Connection, *brands: BrandId) -> None:
    """Let the transaction see and write the rows of this brand, or of these."""
    if connection.dialect.name == "postgresql":
        connection.execute(_OF_BRAND, {"brands": f"{{{','.join(map(str, brands))}}}"})


def across_brands(connection: Connection) -> None:
    """Let the transaction see what work across brands needs: staff, sessions, queue, inbox."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ACROSS)
