"""uv.lock, read."""
