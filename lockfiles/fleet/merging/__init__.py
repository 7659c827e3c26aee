"""Fewest images: which environments of a fleet can share one."""
