"""What every form carries unseen: the token that says whose it is, the key that counts it once."""

import secrets

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

FORM_KEY = "form_key"
CSRF_TOKEN = "csrf_token"  # noqa: S105 (the name of the field)
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


def key_tag() -> Markup:
    """Return the hidden field with a key that no other form has."""
    return _HIDDEN.format(FORM_KEY, secrets.token_hex(16))


def form_tag() -> Markup:
    """Return both hidden fields, for forms that a template spells out."""
    return _HIDDEN.format(CSRF_TOKEN, generate_csrf()) + key_tag()
