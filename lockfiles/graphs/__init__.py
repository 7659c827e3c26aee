"""A lockfile as graphs, one a platform: who needs whom, what was asked for, ways and trees."""
