"""Tokens: who may call, for which organisation, as what and in which operations."""
