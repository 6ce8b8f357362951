"""Where heads of the audit chain are written down: memory, a folder of this machine."""
