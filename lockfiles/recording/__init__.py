"""A solve as one file: what was asked, what sources answered, what came of it; the same again from it."""
