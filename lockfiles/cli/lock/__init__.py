"""``lock FILE...``: its arguments, what it does, and what it says."""
