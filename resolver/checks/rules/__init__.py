"""One module a family of rules; importing a module registers its rules."""
