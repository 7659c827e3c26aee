"""A conflict in words, as a tree, as a graph and as JSON."""
