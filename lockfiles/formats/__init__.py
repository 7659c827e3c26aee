"""One lockfile format per module: value to text and back."""
