"""A form refused before any view read it: what was typed is shown, and may be sent again."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.fab.form_tag import CSRF_TOKEN, FORM_KEY

# Never shown, never sent along.
SECRET = "password"  # noqa: S105 (a part of the names of such fields)
LONGEST_NUMBER = 7
MOST_FIELDS = 500
NOTHING_TYPED = _l("Go back, reload the page and try again.")


def page(status: int, title: Any, advice: Any) -> tuple[str, int]:
    """Return the page of a refused form, with what was typed as long as it came from our page."""
    fields = _fields()
    template = current_app.jinja_env.get_template("kept.html" if fields else "error.html")
    text = template.render(
        title=title, advice=advice if fields else NOTHING_TYPED, code=status, back="",
        typed=[value for _name, value in fields if _is_typed(value)],
        fields=fields if is_from_here() else [], address=_address(),
        has_files=bool(request.files), must_log_in=not current_user.is_authenticated,
    )  # fmt: skip
    return text, status


def is_from_here() -> bool:
    """Return whether the browser says that the form stood on a page of this server.

    What another site made a browser send must not wait here for a click.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc == request.host


def _fields() -> list[tuple[str, str]]:
    found = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in (CSRF_TOKEN, FORM_KEY) and SECRET not in name
    ]
    is_secret = any(SECRET in name for name in request.form)
    return [] if is_secret else found[:MOST_FIELDS]


def _is_typed(value: str) -> bool:
    """Return whether a person typed it, as far as one can see: words or a longer number."""
    digits = sum(character.isdigit() for character in value)
    return any("\u4e00" <= character <= "\u9fff" for character in value) or digits > LONGEST_NUMBER


def _address() -> str:
    return request.full_path if request.query_string else request.path
