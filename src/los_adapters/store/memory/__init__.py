"""The store in memory: the same laws as the SQL store, with the core's dependencies only."""

from los_adapters.store.memory.work import MemoryStore

__all__ = ["MemoryStore"]
