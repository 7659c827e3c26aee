"""Several environments in one lockfile."""
