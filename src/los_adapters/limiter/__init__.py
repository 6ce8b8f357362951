"""Limits on attempts: in this process, and divided between that and what is kept with the rows."""
