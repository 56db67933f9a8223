"""/healthz for monitors: one word for heartbeat, jobs, mail and database; no log-in, no secrets."""

import logging

from flask import Blueprint, Response, current_app, jsonify
from flask_appbuilder import AppBuilder
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.reports.job_health import Health
from app.views.jobs import health_now

log = logging.getLogger(__name__)
bp = Blueprint("monitor", __name__)

UNAVAILABLE = 503


@bp.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Answer 200 when all is well, 503 otherwise; the same judgement as `jobs status`."""
    try:
        health = health_now()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.error("healthz: %s", type(error).__name__)
        unknown = dict.fromkeys(("heartbeat", "jobs", "mail"), "unknown")
        return jsonify(status="stale", database="error", **unknown), UNAVAILABLE
    code = 200 if health.is_ok else UNAVAILABLE
    return jsonify(status="ok" if health.is_ok else "stale", database="ok", **_parts(health)), code


def _parts(health: Health) -> dict[str, str]:
    jobs = "late" if health.late else "failed" if health.failed else "ok"
    mail = "stuck" if health.mail.stuck else "ok"
    return {"heartbeat": health.heartbeat.value, "jobs": jobs, "mail": mail}


def register(appbuilder: AppBuilder) -> None:
    """Add the address beside FAB's views: it has no permission to ask for."""
    current_app.register_blueprint(bp)
