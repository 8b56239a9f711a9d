"""The schema, step by step, for both databases; run by `passage migrate`."""
