"""Other projects' solver tests, put to several solvers; ``python -m benchmarks.suites`` runs them."""
