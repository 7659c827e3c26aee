"""``@EXPLICIT``: addresses with hashes."""
