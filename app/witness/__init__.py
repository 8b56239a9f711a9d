"""A witness: it holds a log to what it said before, and vouches for what fits. No database."""
