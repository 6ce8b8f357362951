"""Who owns a bank account, by penny drop; one file per vendor."""
