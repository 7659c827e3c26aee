"""Joint resolution of conda and PyPI requirements."""
