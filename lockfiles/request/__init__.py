"""Digests of a request, and whether a lockfile still answers it."""
