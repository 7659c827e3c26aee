"""``lock check``: the verb, what it looks at, what it prints."""
