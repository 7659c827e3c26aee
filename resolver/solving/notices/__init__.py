"""What is said of an answer besides its pins: one policy a module."""
