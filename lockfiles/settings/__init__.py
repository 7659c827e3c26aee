"""Settings of a run: one table, one reader for each kind of place."""
