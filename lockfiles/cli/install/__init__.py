"""``lock install``."""
