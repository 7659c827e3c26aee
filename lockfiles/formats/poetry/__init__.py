"""poetry.lock, read."""
