"""The host's key: shown once, kept as a salted hash.

The key is 128 random bits, not a password that somebody thought of. Nobody tries 2^128 keys at any speed, so a slow hash such as scrypt would only
slow down every click of the host; sha256 is enough. The salt keeps two stores from being compared.
"""

import hashlib
import hmac
import secrets

BYTES = 16


def new_key() -> tuple[str, str]:
    """Return a new key, in four groups of hex digits to be copied, and the salted hash that is kept."""
    digits = secrets.token_hex(BYTES)
    key = "-".join(digits[n : n + 8] for n in range(0, len(digits), 8))
    salt = secrets.token_hex(BYTES)
    return key, f"{salt}${_hashed(key, salt)}"


def fits(key: str | None, kept: str) -> bool:
    """Return whether a key is the one of this hash; the time it takes tells nothing."""
    salt, _, hashed = kept.partition("$")
    return hmac.compare_digest(_hashed((key or "")[:100], salt), hashed)


def _hashed(key: str, salt: str) -> str:
    digits = "".join(sign for sign in key.lower() if sign.isalnum())
    return hashlib.sha256(f"{salt}{digits}".encode()).hexdigest()
