"""``lock why``: its arguments, and what it prints."""
