"""Agreements: from proposed to in force, each step on record."""
