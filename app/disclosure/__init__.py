"""Disclosed places: what each audience may see of sites and corridors, made when it is written."""
