"""Vocabulary shared by every stage: frozen values, no I/O."""
