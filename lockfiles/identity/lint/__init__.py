"""Findings about an environment definition, before an image is built."""
