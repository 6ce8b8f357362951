"""Telling of each statement that writes, and of each commit, as fail-points are named.

See `los_adapters.failpoints`. An engine that is not watched has nothing of this.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

Reach = Callable[[str], None]

_WRITTEN: Final = "los_written"
_COMMITTED: Final = "los_committed"


def watch(engine: Engine, reach: Reach) -> None:
    """Have `reach` told of every point on this engine from now on.

    A commit stands when the connection goes back to its pool: nothing is done with it in between.
    """

    def executing(
        connection: Connection,
        _cursor: object,
        _statement: str,
        _parameters: object,
        context: Any,
        _many: object,
    ) -> None:
        verb = _verb(context)
        if verb:
            table = context.compiled.statement.table.name
            connection.info.setdefault(_WRITTEN, table)
            reach(f"{verb} {table}")

    def committing(connection: Connection) -> None:
        table = connection.info.pop(_WRITTEN, None)
        if table is not None:
            reach(f"commit {table}")
            connection.info[_COMMITTED] = table

    def rolled_back(connection: Connection) -> None:
        connection.info.pop(_WRITTEN, None)

    def returned(_raw: object, record: Any) -> None:
        table = record.info.pop(_COMMITTED, None)
        if table is not None:
            reach(f"committed {table}")

    event.listen(engine, "before_cursor_execute", executing)
    event.listen(engine, "commit", committing)
    event.listen(engine, "rollback", rolled_back)
    event.listen(engine, "checkin", returned)


def _verb(context: Any) -> str:
    """Return what a statement does to its table, "" if it only reads or is bare text."""
    if context is None or context.compiled is None:
        return ""
    if context.isinsert:
        return "insert"
    return "update" if context.isupdate else "delete" if context.isdelete else ""
