"""When a meeting of the leading group can decide (D-12)."""

from app.domain.rules import Rules


def has_quorum(present: int, members: int, rules: Rules) -> bool:
    """Return whether enough of the members were there under the office's setting."""
    if rules.quorum == "all":
        return members > 0 and present >= members
    if rules.quorum == "two_thirds":
        return members > 0 and present * 3 >= members * 2
    return present * 2 > members
