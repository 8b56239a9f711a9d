"""Safe Passage: agreements on humanitarian corridors, on record."""
