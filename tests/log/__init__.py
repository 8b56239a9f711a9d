"""The log and what vouches for it."""
