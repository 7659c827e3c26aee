"""Fleets: many environments at once; each file a job of its own, and a record of what became of it."""
