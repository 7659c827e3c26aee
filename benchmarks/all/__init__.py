"""All that a user waits for, beside what they would use otherwise: see :mod:`benchmarks.all.__main__`."""
