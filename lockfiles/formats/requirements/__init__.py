"""Requirements that pin everything."""
