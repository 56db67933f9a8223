"""What a page of figures is about: period, site and unit, as asked for and as allowed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.workdays import FIRST_DAY, LAST_DAY
from app.extensions import db
from app.fab.formats import date_zh
from app.fab.moments import read_date
from app.models import Site, Unit
from app.reports.period import Period, between, month_of, named, quarter_of, year_of
from app.reports.scope import Scope, is_unit_only
from app.views.moment import moment
from app.views.records import sites

MONTHS, QUARTERS, YEARS = 24, 8, 3
TYPED = ("from", "to")


@dataclass(frozen=True)
class Asked:
    """The figures asked for; `unit_id` is a unit person's own whatever the address says."""

    period: Period
    site_id: int | None
    unit_id: int | None
    is_unread: bool = False  # something was typed as days that is none

    @property
    def scope(self) -> Scope:
        """Return the rows the person counts."""
        return Scope(self.site_id, self.unit_id, g.user)

    @cached_property
    def sites(self) -> list[Site]:
        """The sites of the person."""
        return sites()

    @cached_property
    def units(self) -> dict[int, str]:
        """The names of the units of these sites, in their official order."""
        query = select(Unit.id, Unit.name).order_by(Unit.sort_order, Unit.id)
        wanted = {self.site_id} if self.site_id else {site.id for site in self.sites}
        query = query.where(Unit.site_id.in_(wanted))
        return {unit_id: name for unit_id, name in db.session.execute(query)}

    @property
    def is_own_unit(self) -> bool:
        """Whether the person sees no other unit's figures."""
        return is_unit_only(g.user)

    def href(self, endpoint: str, **more: Any) -> str:
        """Return the address of another page over the same figures."""
        kept = {"period": self.period.name, "site": self.site_id, "unit": self.unit_id}
        return url_for(endpoint, **{k: v for k, v in (kept | more).items() if v is not None})

    def rows_href(self, key: str, part: str, **more: Any) -> str:
        """Return the address of the rows behind a number."""
        return self.href("StatisticsView.rows", figure=key, part=part, **more)


def asked() -> Asked:
    """Return what the address asks for, this month by default; 404 for what there is not."""
    typed = [text for name in TYPED if (text := request.args.get(name, "").strip())]
    days = _days(typed)
    is_unread = bool(typed) and days is None
    return asked_of(days or _period(), _number("site"), _number("unit"), is_unread=is_unread)


def asked_of(
    period: Period, site_id: int | None, unit_id: int | None, *, is_unread: bool = False
) -> Asked:
    """Return it within what this person counts; 404 for another's site or unit."""
    if g.user.site_id is not None:
        site_id = site_id or g.user.site_id
        if site_id != g.user.site_id:
            abort(404)
    if is_unit_only(g.user):
        unit_id = g.user.unit_id
    found = Asked(period, site_id, unit_id, is_unread=is_unread)
    if unit_id is not None and unit_id not in found.units:
        abort(404)
    if site_id is not None and site_id not in {site.id for site in found.sites}:
        abort(404)
    return found


def _days(typed: list[str]) -> Period | None:
    """Return the days that were typed, one alone being from and to; None if they are none."""
    try:
        days = [read_date(text) for text in typed]
        if not all(FIRST_DAY <= day <= LAST_DAY for day in days):
            return None
        return between(days[0], days[-1], now=moment().now)
    except (ValueError, IndexError):
        return None


def _period() -> Period:
    name = request.args.get("period", "")
    try:
        return named(name, now=moment().now) if name else month_of(moment().now)
    except ValueError:
        abort(404)


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(404)
    return int(text) if text else None


def period_choices(chosen: Period) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the periods to choose from, by their length, the newest first."""
    now = chosen.now
    lengths = (
        (_("Month"), month_of(now), MONTHS),
        (_("Quarter"), quarter_of(now), QUARTERS),
        (_("Year"), year_of(now), YEARS),
    )
    found = [] if chosen.months else [(_("Any days"), [(chosen.name, period_word(chosen))])]
    for word, latest, count in lengths:
        periods = [latest.shifted(-back) for back in range(count)]
        if latest.months == chosen.months and chosen.name not in {p.name for p in periods}:
            periods.append(chosen)
        found.append((word, [(p.name, period_word(p)) for p in periods]))
    return found


def period_word(period: Period) -> str:
    """Return 2026年10月, 2026年第4季度, 2026年, 2026-10-01至2026-10-15."""
    start = period.start
    if not period.months:
        return _("%(first)s to %(last)s", first=date_zh(start), last=date_zh(period.last_day))
    if period.months == 12:
        return _("{y}").replace("{y}", str(start.year))
    if period.months == 3:
        words, part = _("{y} quarter {q}"), (start.month + 2) // 3
        return words.replace("{y}", str(start.year)).replace("{q}", str(part))
    return _("{y}-{m}").replace("{y}", str(start.year)).replace("{m}", str(start.month))
