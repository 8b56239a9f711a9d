"""The rules of corridors: what may follow what, which windows are theirs, and what stops them."""
