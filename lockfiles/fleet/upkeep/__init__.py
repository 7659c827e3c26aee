"""Upkeep of a fleet: what must move is relocked, files that move alike are one group, and one branch."""
