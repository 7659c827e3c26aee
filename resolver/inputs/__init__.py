"""Input formats to requirements: one format per file, no network."""
