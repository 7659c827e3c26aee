"""The cache on disk, and fetching through it."""
