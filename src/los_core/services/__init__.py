"""Use cases: a module per area, a method per verb."""
