"""``lock sync``."""
