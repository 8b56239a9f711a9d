"""Agreements as their coordinators meet them, over HTTP."""
