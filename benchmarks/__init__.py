"""Measurements beside py-rattler and uv; run as ``python -m benchmarks.NAME``."""
