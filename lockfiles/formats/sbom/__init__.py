"""Inventories of what a lockfile holds: CycloneDX, GitHub's dependency snapshot."""
