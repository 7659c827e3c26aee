"""Changes that lead to a solution: found, tried, and only then shown."""
