"""This request's moment: who looks and when, read once a request."""

from flask import g

from app import clock
from app.reports.moment import Moment

__all__ = ["Moment", "moment"]


def moment() -> Moment:
    """Return this request's moment."""
    if "office_moment" not in g:
        g.office_moment = Moment(g.user, clock.now())
    return g.office_moment
