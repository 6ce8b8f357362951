"""What a database says of its own schema, in a form that two databases can be compared by."""

from typing import Any

from sqlalchemy import Engine, Inspector, inspect

FULL_TEXT = "customer_fts"
"""How the tables of SQLite's full-text index begin: no table of the code, kept by triggers."""
_HISTORY = "alembic_version"


def described(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return tables by name: columns, keys, constraints and indexes as the database tells them."""
    told = inspect(engine)
    return {
        name: _table(told, name)
        for name in sorted(told.get_table_names())
        if name != _HISTORY and not name.startswith(FULL_TEXT)
    }


def _table(told: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (repr(column["type"]), column["nullable"], column["default"])
            for column in told.get_columns(name)
        },
        "primary key": told.get_pk_constraint(name)["constrained_columns"],
        "foreign keys": _named(told.get_foreign_keys(name), "constrained_columns"),
        "unique": _named(told.get_unique_constraints(name), "column_names"),
        "checks": _named(told.get_check_constraints(name), "sqltext"),
        "indexes": _named(told.get_indexes(name), "column_names"),
    }


def _named(found: Any, key: str) -> list[str]:
    """Sort what was found by its name and text, so that the order of making does not matter."""
    return sorted(f"{each['name']} {each[key]} {_rest(each)}" for each in found)


def _rest(each: dict[str, Any]) -> str:
    options = {name: str(value) for name, value in each.get("dialect_options", {}).items()}
    return repr(
        sorted(
            (name, str(value))
            for name, value in {**each, **options}.items()
            if name != "dialect_options"
        )
    )
