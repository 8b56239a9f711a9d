"""Corridors: the ways of an agreement, from a draft to the hour in which people may move along them."""
