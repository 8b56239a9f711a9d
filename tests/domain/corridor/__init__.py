"""The rules of corridors, told as sentences."""
