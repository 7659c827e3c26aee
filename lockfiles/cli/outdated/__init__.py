"""``lock outdated``: its arguments, and what it prints."""
