"""What is wrong with a key, in words an operator can act on."""

import base64
import binascii

_HINT = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
_ENCRYPTION_HINT = (
    'make one with: python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
)


def weakness(name: str, value: str) -> list[str]:
    """Problems of a secret text: too short, or too few different characters to be random."""
    if len(value) < 40 or len(set(value)) < 10:
        return [f"{name} is too short or not random; {_HINT}"]
    return []


def weakness_of_encryption_key(keys: list[str]) -> list[str]:
    """Problems of FIELD_ENCRYPTION_KEYS: none given, or one that is not 32 bytes in url-safe base64."""
    if not keys:
        return [f"FIELD_ENCRYPTION_KEYS is empty; {_ENCRYPTION_HINT}"]
    problems = []
    for position, key in enumerate(keys, start=1):
        try:
            size = len(base64.b64decode(key.encode(), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if size != 32:
            problems.append(
                f"Key {position} of FIELD_ENCRYPTION_KEYS is not 32 bytes in url-safe base64; {_ENCRYPTION_HINT}"
            )
    return problems
