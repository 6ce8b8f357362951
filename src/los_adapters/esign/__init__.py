"""Agreements sent out for signature and their callbacks; one file per vendor."""
