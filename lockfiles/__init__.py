"""From a resolution to files, and back."""
