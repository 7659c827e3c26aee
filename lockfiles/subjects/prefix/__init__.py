"""What is installed in a prefix, read without running any of its code: records, metadata, files."""
