"""Conflict-driven search over finite domains."""
