"""The only code that reaches network or disk for metadata."""
