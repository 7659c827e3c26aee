"""A conflict as a story: its links, their order, and sentences."""
