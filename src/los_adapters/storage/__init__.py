"""Files: in memory, on disk, and in object stores."""
