"""Servers are killed while many write; what was acknowledged is looked for afterwards."""
