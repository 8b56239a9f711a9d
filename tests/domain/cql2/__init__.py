"""Filters in CQL2."""
