"""The `lock` command: one file per verb."""
