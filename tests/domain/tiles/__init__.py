"""Vector tiles as pure functions."""
