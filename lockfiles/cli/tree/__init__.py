"""``lock tree``: its arguments, and what it prints."""
