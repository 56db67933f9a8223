"""What stands on the home page: to-do lines, counters, figures, who is on duty."""

from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from app.actions.facts import open_review
from app.actions.visibility import visible, visible_cases, visible_slips
from app.domain.deadlines import Card
from app.domain.states import UNIT_ROLES, State
from app.extensions import db
from app.fab.lists import Button
from app.models import Case, Slip
from app.reports import figures
from app.reports.standing import Standing
from app.reports.urgency import next_due
from app.reports.waiting import waiting_lists
from app.views.case_rows import FACTS, buttons_of, case_href
from app.views.labels import duration_text, tag_text
from app.views.list_words import figure_word, waiting_word
from app.views.moment import moment

Condition = ColumnElement[bool]
SHOWN = 12
URGENCY = {Card.RED: 0, Card.YELLOW: 1, Card.NONE: 2}


@dataclass(frozen=True)
class Line:
    """A case that waits for the person: which list it is on, how it stands, what to press."""

    case: Case
    list_key: str
    standing: Standing
    href: str
    buttons: list[Button]

    @property
    def why(self) -> str:
        """The name of the list, which says what is to be done."""
        return waiting_word(self.list_key)

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Look and words of the case's tags, without what the list already says."""
        tags = [(tag.kind, tag_text(tag)) for tag in self.standing.tags]
        return [(look, words) for look, words in tags if words != self.why]


@dataclass(frozen=True)
class Counter:
    """A number that opens the list behind it."""

    label: str
    n: int
    href: str
    look: str = ""
    note: str = ""


@dataclass(frozen=True)
class FigureCard:
    """One of the five numbers: what it shows, and the lists of what it counted."""

    label: str
    figure: figures.Figure
    href: str
    hit_href: str = ""


def todo_lines(*, most: int = SHOWN) -> list[Line]:
    """Return what waits for the person: red, yellow, the rest, each by remaining time."""
    lists = waiting_lists(moment().viewer)
    if not lists:
        return []
    key = sql_case(*((condition, name) for name, condition in lists.items()), else_="")
    due = next_due()
    query = (
        visible(g.user)
        .add_columns(key)
        .where(key != "")
        .order_by(due.is_(None), due, Case.id)
        .limit(most)
        .options(joinedload(Case.lead_unit), *(selectinload(getattr(Case, name)) for name in FACTS))
    )
    lines = [_line(case, name) for case, name in db.session.execute(query)]
    return sorted(lines, key=lambda line: URGENCY[line.standing.card])


def _line(case: Case, key: str) -> Line:
    buttons = buttons_of(case, "CaseView")[:1]
    return Line(case, key, moment().standing(case), case_href(case.id), buttons)


def figure_cards(keys: tuple[str, ...]) -> list[FigureCard]:
    """Return these figures of this month over what the person sees; a unit's are its own."""
    period = figures.month_of(moment().now)
    return [_figure_card(key, figures.count(key, period=period, scope=_scope(key))) for key in keys]


def _scope(key: str) -> Condition:
    if figures.COHORTS[key].rows is Slip:
        return visible_slips(g.user)
    seen = visible_cases(g.user)
    if moment().roles <= UNIT_ROLES:
        return seen & (Case.lead_unit_id == g.user.unit_id)
    return seen


def _figure_card(key: str, figure: figures.Figure) -> FigureCard:
    if figures.COHORTS[key].rows is Slip:
        address, quick = "SlipView.list", "all"
    else:
        address, quick = "CaseView.list", "unit" if moment().roles <= UNIT_ROLES else "all"
    return FigureCard(
        figure_word(key),
        figure,
        url_for(address, quick=quick, figure=key),
        "" if figure.d is None else url_for(address, quick=quick, figure=f"{key}-hit"),
    )


@dataclass(frozen=True)
class Brief:
    """A case before the group on half a page: what, who, why, and how long already."""

    case: Case
    standing: Standing
    asked: str
    explanation: str
    days_open: int
    href: str


def briefs() -> list[Brief]:
    """Return the cases before the leading group, the longest first."""
    query = (
        visible(g.user)
        .where(Case.state == State.GROUP_REVIEW)
        .order_by(Case.escalated_at, Case.id)
        .limit(SHOWN)
        .options(
            joinedload(Case.lead_unit),
            selectinload(Case.group_reviews),
            selectinload(Case.explanations),
        )
    )
    return [_brief(case) for case in db.session.execute(query).scalars()]


def _brief(case: Case) -> Brief:
    review, latest = open_review(case), max(case.explanations, key=lambda e: e.id, default=None)
    calendar, start = moment().calendar(case.site_id), case.first_dispatched_at
    return Brief(
        case,
        moment().standing(case),
        review.reason if review else "",
        latest.proposal if latest else "",
        calendar.count_workdays(start.date(), moment().now.date()) if start else 0,
        case_href(case.id),
    )


def drafts_left() -> int:
    """Return how many drafts of the site stand unsubmitted after closing (D-04)."""
    at = moment()
    site_id = at.site_ids[0]
    calendar, today = at.calendar(site_id), at.now.date()
    since = at.now.replace(hour=0, minute=0, second=0, microsecond=0)
    if calendar.is_workday(today) and at.now > calendar.close_of(today):
        since = at.now
    query = select(func.count(Case.id)).where(
        visible_cases(g.user), Case.state == State.DRAFT, Case.registered_at < since
    )
    return int(db.session.execute(query).scalar_one())


def closing_note() -> str:
    """Return how much of today's business is left, for what must still go out today."""
    at = moment()
    calendar, today = at.calendar(at.site_ids[0]), at.now.date()
    if not calendar.is_workday(today) or at.now >= calendar.close_of(today):
        return _("Closed for today")
    left = calendar.working_seconds(at.now, calendar.close_of(today))
    return _("%(span)s until closing", span=duration_text(left))
