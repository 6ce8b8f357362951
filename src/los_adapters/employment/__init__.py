"""Employment history by UAN; one file per vendor."""
