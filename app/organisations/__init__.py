"""Organisations: those that agree, fight, carry out, vouch and watch."""
