"""pixi.lock, written and read."""
