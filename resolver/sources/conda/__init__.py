"""Conda channels: opened, kept as tables, read by name."""
