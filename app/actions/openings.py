"""When 应急账号 is or was open."""

import datetime as dt

from sqlalchemy import select

from app.extensions import db
from app.models import EmergencyOpening


def open_now(now: dt.datetime) -> EmergencyOpening | None:
    """Return the opening that is in force, if any."""
    query = (
        select(EmergencyOpening)
        .where(EmergencyOpening.sealed_at.is_(None), EmergencyOpening.until_at > now)
        .order_by(EmergencyOpening.id.desc())
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none()


def openings_since(moment: dt.datetime) -> list[EmergencyOpening]:
    """Return the openings of late, newest first."""
    query = select(EmergencyOpening).where(EmergencyOpening.until_at >= moment)
    return list(db.session.execute(query.order_by(EmergencyOpening.id.desc())).scalars())
