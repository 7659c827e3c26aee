"""``lock hash``: the verb and what it prints."""
