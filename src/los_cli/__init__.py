"""The front door: serve, work, demonstrate, check."""
