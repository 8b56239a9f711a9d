"""The use cases of corridors, each one transaction."""
