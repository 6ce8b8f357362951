"""Keeping personal data unreadable at rest: AES-GCM, and a box in memory."""
