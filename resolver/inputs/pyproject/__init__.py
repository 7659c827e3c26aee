"""pyproject.toml -> requirements: one module a tool's tables."""
