"""``lock verify``."""
