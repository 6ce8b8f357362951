"""What staff call: one file per resource."""
