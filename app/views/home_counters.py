"""The counters of the home page: what each role looks at, one statement for all, each a list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.actions.visibility import visible_cases
from app.domain.states import Role, State
from app.extensions import db
from app.models import Case, Evaluation
from app.reports.measure_drafts import waiting_drafts
from app.reports.ratings import unread_ratings
from app.views.case_list import CaseList, count_cases
from app.views.cases import CallBackView, CaseView, InHandlingView, ToDispatchView
from app.views.home_parts import Counter, closing_note
from app.views.moment import Moment, moment

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Count:
    """A counter: its words, the list behind it with its tab, and the cases both hold."""

    label: Any
    view: str
    quick: str
    holds: Callable[[Moment], Condition]
    look: str = ""

    @property
    def href(self) -> str:
        """The address of the list."""
        return url_for(f"{self.view}.list", quick=self.quick)


def _tab(label: Any, view: type[CaseList], quick: str, look: str = "") -> Count:
    """Return the counter of a tab, which holds what the tab shows."""
    holds = view.holds(quick)
    return Count(label, view.__name__, quick, lambda at: view.only() & holds(at), look)


RED = _tab(_l("Red cards"), InHandlingView, "red", "red")
YELLOW = _tab(_l("Yellow cards"), InHandlingView, "yellow", "yellow")
OPEN_CASES = _tab(_l("In progress"), InHandlingView, "open")
TO_DISPATCH = _tab(_l("To dispatch"), ToDispatchView, "all")
GROUP = Count(
    _l("For the leading group"),
    "GroupReviewView",
    "open",
    lambda _at: Case.state == State.GROUP_REVIEW,
)
EXTENSIONS = Count(
    _l("Extensions to decide"),
    "ExtensionView",
    "pending",
    lambda _at: Case.is_extension_pending.is_(True),
)
RETURNS = Count(
    _l("Returns to decide"),
    "ReturnRequestView",
    "pending",
    lambda _at: Case.is_return_pending.is_(True),
)
DECIDED = _tab(_l("Decisions being carried out"), InHandlingView, "decided")
LEADER = (
    EXTENSIONS,
    _tab(_l("Results to sign"), InHandlingView, "to_confirm"),
    _tab(_l("Accepted today"), CaseView, "today"),
    OPEN_CASES,
    RED,
    _tab(_l("Confidential cases"), CaseView, "secret"),
)

COUNTS: dict[Role, tuple[Count, ...]] = {
    Role.DUTY_OFFICER: (
        _tab(_l("Drafts not submitted"), CaseView, "drafts"),
        _tab(_l("Submitted, not dispatched"), ToDispatchView, "all"),
        _tab(_l("To be rated"), CallBackView, "to_rate"),
        _tab(_l("To be called"), CallBackView, "to_call"),
        _tab(_l("To be archived"), CallBackView, "to_archive"),
    ),
    Role.SUPERVISOR: (
        TO_DISPATCH,
        _tab(_l("Not signed"), InHandlingView, "unsigned"),
        YELLOW,
        RED,
        RETURNS,
        _tab(_l("Results to check"), InHandlingView, "to_confirm"),
        _tab(_l("Bad ratings to verify"), CaseView, "bad_ratings"),
        GROUP,
    ),
    Role.DUTY_LEADER: LEADER,
    Role.GROUP_HEAD: (GROUP, DECIDED, *LEADER),
    Role.GROUP_MEMBER: (GROUP, DECIDED, OPEN_CASES, RED),
    Role.COUNTY_VIEWER: (OPEN_CASES, YELLOW, RED),
}


def counters() -> list[Counter]:
    """Return the counters of the person's roles, each once: one statement, one more for drafts."""
    wanted = {
        count.href: count
        for role, counts in COUNTS.items()
        if role in moment().roles
        for count in counts
    }
    if not wanted:
        return []
    numbers = count_cases({href: c.holds(moment()) for href, c in wanted.items()}, true())
    return [*(_counter(count, numbers[href]) for href, count in wanted.items()), *_drafts()]


def _drafts() -> list[Counter]:
    """Return 待下发督办 for whoever issues them; they are no cases."""
    found = waiting_drafts(g.user)
    if found is None:
        return []
    tab, n = found
    href = url_for("MeasureDraftView.list", quick=tab)
    return [Counter(_("Measures to issue"), n, href, "red" if n else "")]


def _counter(count: Count, n: int) -> Counter:
    note = closing_note() if count is TO_DISPATCH and n else ""
    return Counter(str(count.label), n, count.href, count.look if n else "", note)


def unread_rating_count() -> int:
    """Return how many ratings wait for this person's 已阅 (R53)."""
    query = select(func.count(Evaluation.id)).where(
        unread_ratings(moment().viewer),
        exists().where(Case.id == Evaluation.case_id, visible_cases(g.user)),
    )
    return int(db.session.execute(query).scalar_one())
