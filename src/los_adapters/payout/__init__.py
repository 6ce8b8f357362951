"""Money out: disbursals and refunds; one file per bank or gateway."""
