"""``lock replay``: a recorded solve again, without a network."""
