"""History: every event of every subject, as auditors read it."""
