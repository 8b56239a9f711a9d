"""Geodata for map clients by the standards of the Open Geospatial Consortium, under `/ogc`."""
