"""Bank statements read into salary credits, debits and balances; one file per reader."""
