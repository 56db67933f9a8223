"""健康页: what an administrator must look after, without any case in it."""

import datetime as dt
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.actions.accounts import joined_admins
from app.actions.calendars import calendar_of
from app.actions.office import load_rules
from app.actions.openings import open_now, openings_since
from app.actions.restores import held_restore, release_messages
from app.backup.create import folder_of, prefix_of
from app.clock import now, today
from app.domain.refusals import Refusal
from app.extensions import db
from app.reports import health
from app.reports.backup_files import backups_in
from app.unit_of_work import unit_of_work
from app.views.job_words import job_label
from app.views.jobs import health_now, line_of
from app.views.messages import sentence
from app.views.records import sites
from config import Auth

HOLE_WORDS = {
    "leader": _l("leader on duty"),
    "am": _l("desk in the morning"),
    "pm": _l("desk in the afternoon"),
}
# A day, and the time that a night's backup of a large office takes.
OLD = dt.timedelta(hours=26)
JOB = "backup"
WAYS = {
    Auth.PASSWORD: _l("passwords kept here"),
    Auth.LDAP: _l("the directory (LDAP)"),
    Auth.OAUTH: _l("single sign-on (OAuth)"),
}
RECENT = dt.timedelta(days=30)
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class HealthView(BaseView):
    """One page; the only thing to be done here is to let messages leave after a restore."""

    route_base = "/health"
    default_view = "page"
    title = _l("Health")

    @expose("/")
    @has_access
    def page(self) -> Any:
        """Show database, calendar years, rosters of the next working days, jobs."""
        dialect, jobs = db.engine.dialect.name, health_now()
        return self.render_template(
            "reference/health.html",
            database=DATABASES.get(dialect, dialect),
            schema=health.schema_version(),
            years=health.calendar_years(today()),
            sites=[_site(site) for site in sites() if site.is_active],
            jobs=jobs,
            hole_words=HOLE_WORDS,
            job_label=job_label,
            backups=_backups(jobs),
            held=held_restore(),
            **_access(),
        )

    @expose("/release", methods=["POST"])
    @has_access
    def release(self) -> Any:
        """Let messages leave again after a restore."""
        is_sent = request.form.get("backlog") == "send"
        try:
            with unit_of_work():
                release_messages(send_backlog=is_sent, by=g.user, now=now())
        except Refusal as refusal:
            flash(sentence(refusal), "warning")
        else:
            flash(_("Messages leave again."), "success")
        return redirect(url_for("HealthView.page"))


def _access() -> dict[str, Any]:
    """Return how the posts are held, and whether the sealed account is or was open of late."""
    return {
        "simplified": load_rules().simplified_admins,
        "joined": [account.name for account in joined_admins()],
        "emergency": open_now(now()),
        "openings": openings_since(now() - RECENT),
        "way": WAYS[current_app.config["SETTINGS"].auth],
    }


def _backups(jobs: Any) -> dict[str, Any]:
    """Return the last backup, what the job says of it, and where they lie."""
    settings = current_app.config["SETTINGS"]
    folder = folder_of(settings)
    kept = backups_in(folder, prefix_of(settings))
    newest = kept[0] if kept else None
    return {
        "newest": newest,
        "is_old": newest is not None and newest.made_at < now() - OLD,
        "check": health.last_check(newest.path.name) if newest else None,
        "kept": len(kept),
        "keep": load_rules().backup_keep,
        "folder": str(folder),
        "copies": settings.backup_copy_dir,
        "job": next((line_of(job) for job in jobs.jobs if job.name == JOB), None),
    }


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
