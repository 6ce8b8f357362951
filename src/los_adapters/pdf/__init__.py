"""Agreements and letters as PDF, with the fonts they are set in."""
