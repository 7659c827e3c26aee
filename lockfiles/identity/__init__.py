"""Image identifiers and what changes them."""
