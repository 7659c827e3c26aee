"""``lock add``."""
