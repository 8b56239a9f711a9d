"""The rules and words of the field, without HTTP, SQL, clock or settings."""
