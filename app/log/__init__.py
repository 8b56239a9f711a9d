"""The Merkle log over the record, and what vouches for it."""
