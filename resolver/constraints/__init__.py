"""Packages as finite domains, and the incompatibilities between them."""
