"""An explanation as people and programs read it."""
