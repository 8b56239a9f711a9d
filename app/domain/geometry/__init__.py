"""Shapes on the map, in OGC CRS84: longitude, then latitude, in degrees on WGS84."""
