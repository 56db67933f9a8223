"""健康页: what an administrator must look after, without any case in it."""

import datetime as dt
from typing import Any

from flask import current_app
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l

from app.actions.accounts import joined_admins
from app.actions.calendars import calendar_of
from app.actions.office import load_rules
from app.actions.openings import open_now, openings_since
from app.backup import folder_of, prefix_of
from app.clock import now, today
from app.extensions import db
from app.reports import health
from app.reports.backup_files import last_backup
from app.views.job_words import job_label
from app.views.jobs import health_now
from app.views.records import sites
from config import Auth

HOLE_WORDS = {
    "leader": _l("leader on duty"),
    "am": _l("desk in the morning"),
    "pm": _l("desk in the afternoon"),
}
WAYS = {
    Auth.PASSWORD: _l("passwords kept here"),
    Auth.LDAP: _l("the directory (LDAP)"),
    Auth.OAUTH: _l("single sign-on (OAuth)"),
}
RECENT = dt.timedelta(days=30)
OLD = dt.timedelta(days=2)
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class HealthView(BaseView):
    """One page, read only."""

    route_base = "/health"
    default_view = "page"
    title = _l("Health")

    @expose("/")
    @has_access
    def page(self) -> Any:
        """Show database, calendar years, rosters of the next working days, jobs."""
        dialect = db.engine.dialect.name
        return self.render_template(
            "reference/health.html",
            database=DATABASES.get(dialect, dialect),
            schema=health.schema_version(),
            years=health.calendar_years(today()),
            sites=[_site(site) for site in sites() if site.is_active],
            jobs=health_now(),
            hole_words=HOLE_WORDS,
            job_label=job_label,
            **_backup(),
            **_access(),
        )


def _access() -> dict[str, Any]:
    """Return how the posts are held, and whether the sealed account is or was open of late."""
    return {
        "simplified": load_rules().simplified_admins,
        "joined": [account.name for account in joined_admins()],
        "emergency": open_now(now()),
        "openings": openings_since(now() - RECENT),
        "way": WAYS[current_app.config["SETTINGS"].auth],
    }


def _backup() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    newest = last_backup(folder_of(settings), prefix_of(settings))
    return {"backup": newest, "backup_is_old": newest and newest.made_at < now() - OLD}


def _site(site: Any) -> dict[str, Any]:
    calendar = calendar_of(site.id)
    return {
        "site": site,
        "holes": health.holes_ahead(site_id=site.id, calendar=calendar, today=today()),
        "hours_end": health.hours_end(site.id),
    }


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view_no_menu(HealthView)
