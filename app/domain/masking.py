"""Names and numbers as lists and whatever leaves the house show them (domain/4 §4.2)."""


def masked_phone(phone: str) -> str:
    """Return 138****5678: the first three and the last four digits (§4.2)."""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def masked_name(name: str) -> str:
    """Return 张*, 张*明: first and last character only (§4.2)."""
    if len(name) < 2:
        return name and "*"
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"
