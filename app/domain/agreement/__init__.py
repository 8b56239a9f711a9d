"""The rules of agreements: what may follow what, who may say so, and what still stands."""
