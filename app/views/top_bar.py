"""The name over every page: the office's own, as app_title of the vocabulary has it."""

from flask import current_app, g
from flask_appbuilder import AppBuilder
from flask_babel.speaklater import LazyString
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.fab import theme
from app.models import Site

# app_title (domain/5 §5.1): a proper name, the same in every language.
TITLE = "{office}“办不成事”反映窗口管理系统"


def title() -> str:
    """Return the system's name with that of the first site; one statement a request."""
    if "office_name" not in g:
        g.office_name = _office_name()
    return TITLE.format(office=g.office_name)


def _office_name() -> str:
    """Return the first site's name; nothing on a database that is not set up yet."""
    query = select(Site).order_by(Site.sort_order, Site.id).limit(1)
    try:
        site = db.session.execute(query).scalar_one_or_none()
        return site.head if site else ""
    except DatabaseError:
        db.session.rollback()
        return ""


def register(_appbuilder: AppBuilder) -> None:
    """Put the name into the base template; it is read only by a page that shows it."""
    # A lazy string counts as HTML that is done: the office's name is typed, so it is escaped here.
    theme.provide(current_app, title=lambda: LazyString(lambda: str(escape(title()))))
