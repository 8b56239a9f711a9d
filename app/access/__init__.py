"""Who calls, with which rights, and the one way to write."""
