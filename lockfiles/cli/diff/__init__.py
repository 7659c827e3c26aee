"""``lock diff``: its arguments, and what it prints."""
