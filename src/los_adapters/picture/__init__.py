"""Adapters of the pictures port."""
