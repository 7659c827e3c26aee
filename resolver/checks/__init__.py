"""Findings about a resolution."""
