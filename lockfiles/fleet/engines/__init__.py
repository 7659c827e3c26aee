"""Engines: where the jobs of a fleet run. Each has the same few methods (:mod:`.protocol`)."""
