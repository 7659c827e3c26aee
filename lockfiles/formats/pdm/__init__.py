"""pdm.lock, read."""
