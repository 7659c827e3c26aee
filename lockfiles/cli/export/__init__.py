"""``lock export``: its arguments, and the files it writes."""
