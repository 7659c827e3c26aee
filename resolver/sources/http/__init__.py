"""Bytes from servers and files: one call, with credentials, retries and mirrors."""
