"""Real clients against the real service."""
