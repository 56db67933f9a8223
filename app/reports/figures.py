"""The five numbers of the home page, each n of d, and the cases that each one counted.

They are indicators of domain/2.3 under the page's own names, over what a person sees.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import and_, case, false, func, select, true

from app.domain.indicators import NOTHING, Value, two_decimals
from app.extensions import db
from app.models import Case, Slip
from app.reports import cohorts, slip_cohorts
from app.reports.period import Condition, Period, month_of

__all__ = ["COHORTS", "Figure", "Period", "count", "counted", "month_of"]


@dataclass(frozen=True)
class Figure:
    """How many of how many."""

    key: str
    n: int
    d: int | None = None

    @property
    def rate(self) -> str:
        """Return the percentage to two decimals, or — where nothing is to be counted."""
        exact = Value(self.n, self.d).exact if self.d else None
        return NOTHING if exact is None else f"{two_decimals(exact * 100)}%"


@dataclass(frozen=True)
class Cohort:
    """The rows a figure is about and those of them that count as good; `rows` names their table."""

    rows: type[Case] | type[Slip]
    all: Callable[[Period], Condition]
    hit: Condition


COHORTS: dict[str, Cohort] = {
    "accepted": Cohort(Case, cohorts.accepted, true()),
    "same_day": Cohort(Slip, slip_cohorts.handed_over, slip_cohorts.handed_over_in_time()),
    "on_time": Cohort(Case, cohorts.due, cohorts.on_time()),
    "achieved": Cohort(Case, cohorts.closed, cohorts.achieved()),
    "satisfied": Cohort(Case, cohorts.rated, cohorts.content()),
}
"""受理量, 当日转办率, 按时办结率, 办成率, 满意率, in the order of the home page."""


def count(key: str, *, period: Period, scope: Condition) -> Figure:
    """Return one figure over the cases (for 当日转办率: slips) inside `scope`; one statement."""
    cohort = COHORTS[key]
    hit = func.coalesce(func.sum(case((cohort.hit, 1), else_=0)), 0)
    query = select(func.count(), hit).select_from(cohort.rows)
    d, n = db.session.execute(query.where(scope, cohort.all(period))).one()
    return Figure(key, int(d)) if key == "accepted" else Figure(key, int(n), int(d))


def counted(name: str, *, period: Period) -> Condition:
    """Return the condition behind a name of a list: “on_time” all, “on_time-hit”, “on_time-miss”.

    Raises KeyError for a name that counts nothing.
    """
    key, _, part = name.partition("-")
    cohort = COHORTS[key]
    if part == "hit":
        return and_(cohort.all(period), cohort.hit)
    if part == "miss":
        return and_(cohort.all(period), ~func.coalesce(cohort.hit, false()))
    return cohort.all(period)
