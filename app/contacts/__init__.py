"""Contacts: talks held and planned about an agreement, and what follows from them."""
