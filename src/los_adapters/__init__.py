"""Everything that touches the world: vendors, stores, queues, files."""
