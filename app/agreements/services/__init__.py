"""The use cases of agreements, each one transaction."""
