"""How a business role is written in FAB's role table: by its Chinese name."""

from app.domain.states import Role
from app.domain.words import word

ROLE_NAMES: dict[Role, str] = {role: word(role) for role in Role}
_BY_NAME = {name: role for role, name in ROLE_NAMES.items()}


def role_of(name: str) -> Role | None:
    """Return the business role of a FAB role's name; None for FAB's own roles."""
    return _BY_NAME.get(name)
