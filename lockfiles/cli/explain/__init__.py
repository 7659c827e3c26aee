"""``lock explain``: the verb, other tools' logs, changes made in files."""
