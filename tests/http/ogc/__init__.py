"""Geodata for map clients, under `/ogc`."""
