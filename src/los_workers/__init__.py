"""The processes that work in the background."""
