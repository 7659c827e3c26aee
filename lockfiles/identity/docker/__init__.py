"""Build contexts: what Docker would send, ignore files, Dockerfile templates."""
