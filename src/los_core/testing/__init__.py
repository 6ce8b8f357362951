"""What others need to test against us: laws, builders, strategies."""
