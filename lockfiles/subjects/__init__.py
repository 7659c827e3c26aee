"""What is checked: lockfiles, pins, installed prefixes, environment files that are locked first."""
