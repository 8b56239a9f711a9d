"""Many at once: who wins, and that nothing happens twice."""
