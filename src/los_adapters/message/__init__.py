"""SMS, e-mail and their delivery reports; one file per vendor."""
