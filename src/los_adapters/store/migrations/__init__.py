"""The schema as a history: one Alembic line for both databases, run by `store.schema`.

`versions/` holds the revisions, each up and down; `shapes` the columns they write, `guards` the
triggers and policies; `baseline/` the tables of the first. What has been released never changes:
a revision imports nothing that tomorrow's tables are made of.
"""
