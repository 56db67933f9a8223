"""The office's look: base template, filters, menu and the facts of the top bar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, current_app, redirect, request, session, url_for
from flask_babel import get_locale
from flask_login import current_user

from app.fab.form_tag import form_tag
from app.fab.formats import JINJA_FILTERS, person_name
from app.fab.menu import menu_tree

KEY = "office_theme"
bp = Blueprint("office", __name__)

Provider = Callable[[], Any]


def _is_demo() -> bool:
    settings = current_app.config.get("SETTINGS")
    return bool(getattr(settings, "is_demo", False))


# What the base template shows; the application replaces any of them with `provide`.
DEFAULTS: dict[str, Provider] = {
    "title": lambda: current_app.config.get("APP_NAME", ""),
    "site": lambda: "",
    "user_name": lambda: person_name(current_user),
    "role": lambda: "、".join(role.name for role in current_user.roles),
    "unread": lambda: 0,
    "bell_url": lambda: "",
    "is_demo": _is_demo,
}
PUBLIC = ("title", "site", "is_demo")


def register(app: Flask) -> None:
    """Install the theme; call it once, when the application is made."""
    app.extensions[KEY] = dict(DEFAULTS)
    app.jinja_env.filters.update(JINJA_FILTERS)
    app.jinja_env.globals.update(
        asset=asset, office_menu=menu_tree, html_lang=html_lang, form_tag=form_tag
    )
    app.jinja_env.globals.setdefault("csp_nonce", lambda: "")
    app.context_processor(_context)
    app.register_blueprint(bp)


def provide(app: Flask, **providers: Provider) -> None:
    """Replace facts of the top bar: title, site, user_name, role, unread, bell_url, is_demo."""
    unknown = set(providers) - set(DEFAULTS)
    if unknown:
        raise ValueError(f"unknown facts of the top bar: {sorted(unknown)}")
    app.extensions[KEY].update(providers)


def _context() -> dict[str, Any]:
    providers: dict[str, Provider] = current_app.extensions[KEY]
    names = DEFAULTS if current_user.is_authenticated else PUBLIC
    office = {name: providers[name]() for name in names}
    return {"office": office, "appbuilder": getattr(current_app, "appbuilder", None)}


def html_lang() -> str:
    """Return the page's language; browsers pick Chinese glyphs and pickers by it."""
    return "zh-CN" if str(get_locale() or "zh").startswith("zh") else "en"


def asset(filename: str) -> str:
    """Return the address of an own static file, new whenever the file is."""
    path = Path(current_app.static_folder or "") / filename
    stamp = int(path.stat().st_mtime) if path.exists() else 0
    return url_for("static", filename=filename, v=stamp)


def close_language_by_get(app: Flask) -> None:
    """Answer 404 at FAB's /lang/<locale>, which changes the session by GET; ours is a POST."""
    app.view_functions["LocaleView.index"] = lambda locale: abort(404)


@bp.get("/favicon.ico")
def favicon() -> Any:
    """Send the mark to browsers that ask for it where no page names it (a bare file, an error)."""
    return current_app.send_static_file("img/mark.svg")


@bp.post("/language")
def language() -> Any:
    """Switch the language and stay on the same page."""
    wanted = request.form.get("locale", "")
    if wanted in current_app.config["LANGUAGES"]:
        session["locale"] = wanted
    back = request.form.get("back", "/")
    # A path of this server only: "//host" and "/\\host" are addresses of others.
    is_own = back.startswith("/") and not back.startswith(("//", "/\\"))
    return redirect(back if is_own else "/")
