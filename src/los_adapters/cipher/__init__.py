"""Keeping personal data unreadable at rest and findable: envelopes, key-wrapping keys, indexes."""
