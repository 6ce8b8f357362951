"""Access tokens: signed ones, and opaque ones kept in memory."""
