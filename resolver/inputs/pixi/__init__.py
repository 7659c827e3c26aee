"""pixi's manifest -> requirements: pixi.toml, and `[tool.pixi]` of a pyproject.toml."""
