"""What the pages of 量化考核 share: which site and month, who may see and who may write."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort, g, url_for
from flask_appbuilder import BaseView
from flask_babel import gettext as _

from app.domain.scoring import Rule, shown, signed
from app.domain.states import Role, ScoreKind
from app.models import Site
from app.reports.period import Period, named
from app.reports.scope import is_unit_only
from app.reports.score_sheets import Sheet, sheet_of
from app.views.labels import label
from app.views.moment import moment
from app.views.records import sites
from app.views.statistics_scope import period_word


@dataclass(frozen=True)
class Place:
    """A month of a site, and what this person may do with its sheet."""

    site: Site
    period: Period

    @property
    def month(self) -> dt.date:
        """Return the first day of the month."""
        return self.period.start.date()

    @property
    def word(self) -> str:
        """Return 2026年10月."""
        return period_word(self.period)

    @property
    def may_write(self) -> bool:
        """Whether the person is 督办考核科."""
        return Role.SUPERVISOR in moment().roles

    def href(self, endpoint: str, **more: Any) -> str:
        """Return the address of a page of this month."""
        return url_for(endpoint, site_id=self.site.id, month=self.period.name, **more)

    def sheet(self) -> Sheet:
        """Return what the person may see: a unit its own line, 查询统计 nothing but frozen ones."""
        sheet = sheet_of(self.site, period=self.period)
        if sees_own_only():
            return sheet.of_unit(g.user.unit_id)
        return sheet if sheet.frozen or not sees_frozen_only() else sheet.of_unit(None)


def sees_own_only() -> bool:
    """Return whether somebody sees no line but his unit's."""
    return is_unit_only(g.user)


def sees_frozen_only() -> bool:
    """Return whether somebody sees no draft."""
    return moment().roles == {Role.COUNTY_VIEWER}


def place_of(site_id: int, month: str) -> Place:
    """Return the month of an address; 404 for another's site and for a month to come."""
    now = moment().now
    try:
        period = named(month, now=now)
    except ValueError:
        abort(404)
    if period.months != 1 or period.start > now:
        abort(404)
    return Place(site_of(site_id), period)


def site_of(site_id: int) -> Site:
    """Return a site of this person."""
    return next((site for site in sites() if site.id == site_id), None) or abort(404)


def kind_of(name: str) -> ScoreKind:
    """Return the kind that an address names."""
    return ScoreKind(name) if name in set(ScoreKind) else abort(404)


def rule_text(rule: Rule) -> str:
    """Return what an occurrence is worth: -0.5分/次，每月最多5分."""
    return points_text(rule) + ("，" + cap_text(rule) if rule.cap is not None else "")


def points_text(rule: Rule) -> str:
    """Return the points of an occurrence."""
    return _("%(points)s points each", points=signed(rule.points))


def cap_text(rule: Rule) -> str:
    """Return the limit of a month, nothing for none."""
    return "" if rule.cap is None else _("at most %(cap)s a month", cap=shown(rule.cap))


class ScorePage(BaseView):
    """The base of the pages of 量化考核."""

    class_permission_name = "ScoreView"
    extra_args = {  # noqa: RUF012 (FAB's own way)
        "label": label, "points": shown, "signed": signed, "rule_text": rule_text,
        "points_text": points_text, "cap_text": cap_text,
    }  # fmt: skip
