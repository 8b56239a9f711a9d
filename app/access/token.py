"""Tokens: random, recognisable, stored as a hash only."""

import hashlib
import re
import secrets

_TOKEN = re.compile(r"sp_[A-Za-z0-9_-]{43}")
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


def new_token() -> str:
    """Make a token; it can be shown once and never again."""
    return "sp_" + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Give what is stored of a token: its SHA-256, in lower-case hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def bearer_token(authorization: str) -> str | None:
    """Read the token of an Authorization header; None where it is not of our form."""
    found = _BEARER.fullmatch(authorization)
    return found[1] if found and _TOKEN.fullmatch(found[1]) else None
