"""From a failed search to words."""
