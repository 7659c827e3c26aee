"""What no candidate has: a name, a version, a build; and where it is instead."""
