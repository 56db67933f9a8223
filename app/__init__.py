"""Banjie (办结): create_app() is the only place where the parts meet."""

from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from werkzeug.middleware.proxy_fix import ProxyFix

from app import database, keys, logs
from app.actions import alarm, audit, audit_changes, sealing  # noqa: F401 (audit_changes listens)
from app.audit_log import deeds
from app.extensions import csrf, db, migrate
from app.unit_of_work import LOGS
from app.web import form_keys, headers, login, sso_config, start
from config import ROOT, Settings, flask_config


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """Return the application; `overrides` are Flask's own configuration keys (for tests).

    Nothing is written and no server is needed: tables come from migrations, permissions from
    `flask --app run roles sync`, the scheduler from run.py.
    """
    settings = settings or Settings.read()
    app = Flask(__name__)
    app.config.from_mapping(flask_config(settings) | sso_config.fab_config(settings))
    app.config.update(overrides)
    keys.register(app, settings)
    _init_extensions(app, settings)
    headers.register(app)
    logs.register(app)
    with app.app_context():
        database.prepare_engine(db.engine)
        _build_screens(app)
    login.register(app)
    deeds.register(app, words=_page_words)
    form_keys.register(app)  # lets its key go before the deed is written down
    for log in (alarm, sealing, audit):  # the alarm is itself in the 审计日志
        if log not in LOGS:
            LOGS.append(log)
    _build_commands(app)
    if not start.is_command():
        start.refuse_strange_data(app, settings)
    return app


def _init_extensions(app: Flask, settings: Settings) -> None:
    app.config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS",
        database.engine_options(app.config["SQLALCHEMY_DATABASE_URI"]),
    )
    db.init_app(app)
    # Torn down in the reverse order: before the extension's own, which would raise.
    app.teardown_appcontext(lambda _error: database.let_go(db.session))
    # Batch mode: SQLite cannot alter most things of a table, so Alembic rebuilds it.
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _build_screens(app: Flask) -> None:
    """Build the AppBuilder here: one made at module level breaks the second app of a process."""
    from app import models, views  # noqa: F401 (Alembic sees the tables that were imported)
    from app.fab import converters, theme
    from app.jobs.registry import JOBS
    from app.security import OfficeSecurityManager
    from app.views import errors
    from app.views.job_words import EXTENSION

    converters.register(app)
    theme.register(app)
    app.extensions[EXTENSION] = {job.name: job for job in JOBS}
    appbuilder = AppBuilder(
        app,
        db.session,
        indexview=views.INDEX_VIEW,
        security_manager_class=OfficeSecurityManager,
        update_perms=False,
    )
    theme.close_language_by_get(app)
    views.register(appbuilder)
    errors.register(app)


def _page_words(endpoint: str, arguments: dict[str, Any]) -> str:
    from app.views.audit_words import page_words

    return page_words(endpoint, arguments)


def _build_commands(app: Flask) -> None:
    from app import cli

    cli.register(app)
