"""Shapes on the map: read strictly, measured, cut, and told roughly."""
