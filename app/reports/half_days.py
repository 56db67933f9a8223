"""带班到岗率: the rostered half-days of a period, with and without a leader at the window (R34)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.domain.indicators import Value
from app.extensions import db
from app.models import Site
from app.reports.duty import HalfDay, attendance, half_days
from app.reports.period import Period
from app.reports.scope import Scope

ONE_DAY = dt.timedelta(days=1)


def duty_half_days(period: Period, scope: Scope) -> list[tuple[Site, HalfDay]]:
    """Return the half-days that count, site by site: rostered, and over or already visited.

    A roster on a day off binds nobody; whoever came in the half-day makes it good, the leader of
    the day or another one.
    """
    last = min(period.end - ONE_DAY, period.now).date()
    found = []
    for site in _sites(scope):
        calendar = calendar_of(site.id)
        first = max(period.start.date(), calendar.first)  # nobody was on a roster before
        if last < first:
            continue
        halves = half_days(
            site_id=site.id, first=first, last=last, calendar=calendar, now=period.now
        )
        found += [(site, half) for half in halves if attendance([half])[1]]
    return found


def duty_values(periods: Sequence[Period], scope: Scope) -> list[Value]:
    """Return 带班到岗率 in each of the periods, which follow one another."""
    whole = Period(periods[0].start, periods[-1].end, periods[0].now)
    found = duty_half_days(whole, scope)
    return [
        Value(
            *attendance(h for _site, h in found if p.start.date() <= h.day < p.end.date())
        )
        for p in periods
    ]  # fmt: skip


def _sites(scope: Scope) -> list[Site]:
    query = select(Site).order_by(Site.sort_order, Site.id)
    own = scope.by.site_id if scope.by else None
    for site_id in (scope.site_id, own):
        if site_id is not None:
            query = query.where(Site.id == site_id)
    return list(db.session.scalars(query))
