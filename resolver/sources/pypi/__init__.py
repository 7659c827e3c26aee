"""Package indexes: pages, metadata of wheels and sdists, direct references."""
