"""Files and folders -> environment definitions; one format per module."""
