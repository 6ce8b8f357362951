"""Rows: the only place that knows SQL, for SQLite and PostgreSQL."""
