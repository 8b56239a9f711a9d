"""The history: one append-only table of events, and its readers."""
