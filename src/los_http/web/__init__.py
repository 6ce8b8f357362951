"""What customers call, and their apps: one file per resource."""
