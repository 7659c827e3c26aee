"""A line put into an input file or taken out of it, with comments, order and everything else as they were."""
