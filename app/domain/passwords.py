"""What a password must be made of; nothing is known of whose it is."""

SHORTEST = 8
KINDS = 3


def is_strong(password: str) -> bool:
    """Return whether it has 8 characters of three kinds: capitals, small letters, digits, signs."""
    kinds = (
        any(c.isupper() for c in password),
        any(c.islower() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )
    return len(password) >= SHORTEST and sum(kinds) >= KINDS
