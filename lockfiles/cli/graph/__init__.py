"""``lock graph``: its arguments, and the file that it writes."""
