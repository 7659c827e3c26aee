"""``lock remove``."""
