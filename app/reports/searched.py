"""What somebody typed into a search box, sealed in the address: no log holds name or number."""

from app.models.keyring import FORM, KeyProblem, seal, unseal

MOST = 100  # characters that are looked for
# Before the words, so that nothing else that is sealed can be read through a search box.
_HEAD = "search:{}:"


def sealed_words(text: str, *, account_id: int) -> str:
    """Return the words as they stand in an address: only this account's pages can read them."""
    words = clean_words(text)
    return seal(_HEAD.format(account_id) + words) if words else ""


def is_sealed(value: str) -> bool:
    """Return whether an address's words are sealed."""
    return value.startswith(f"{FORM}.")


def words_of(value: str, *, account_id: int) -> str | None:
    """Return the words of an address; None for those of somebody else, or of a key that is gone."""
    if not is_sealed(value):
        return clean_words(value)
    head = _HEAD.format(account_id)
    try:
        text = unseal(value)
    except KeyProblem:
        return None
    return text.removeprefix(head) if text.startswith(head) else None


def clean_words(text: str) -> str:
    """Return what is looked for, without ends and signs no database takes."""
    return text.replace("\x00", "").strip()[:MOST]
