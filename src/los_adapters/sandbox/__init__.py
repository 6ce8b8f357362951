"""The outside world in one process: every vendor imitated on the wire."""
