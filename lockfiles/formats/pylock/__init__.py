"""``pylock.toml`` (PEP 751)."""
