"""Azure ML environment definitions, read once: for `lock`, which takes the packages, and for `lock hash`."""
