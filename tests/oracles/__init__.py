"""Independent judges: they share no code with the engine, only the values of resolver.model."""
