"""Secrets that people type: slow hashes, second factors, one-time codes, and their fakes."""
