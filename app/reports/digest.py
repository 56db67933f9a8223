"""待办摘要: what waits for one person, and for who supervises where the whole office stands.

Item names only, without anybody's name; no phone, no narrative. Each person reads what he may see.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.actions.people import approving_leader, roles_of
from app.actions.templates import item_of
from app.actions.visibility import sight_of, visible_cases
from app.domain.deadlines import Card
from app.domain.rules import Rules
from app.domain.states import OFFICE_ROLES, UNIT_ROLES, ComplaintAbout, Role, State
from app.domain.words import word
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Unit
from app.models.roles import ROLE_NAMES
from app.reports.mail_words import CARD_WORDS, WAITING_WORDS, day_words, due_words, tally
from app.reports.standing import standing
from app.reports.urgency import OPEN, is_overdue, is_red, is_yellow, next_due
from app.reports.waiting import Viewer, waiting_lists

MOST_LINES = 50
READERS = OFFICE_ROLES | UNIT_ROLES
# They supervise the whole course (R36), so they read where everything stands.
OVERSEERS = frozenset({Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD})
LEADING = frozenset({Role.DUTY_LEADER, Role.GROUP_HEAD})
CARDS = (Card.RED, Card.YELLOW, Card.NONE)
NO_UNIT = "尚未交办"


@dataclass(frozen=True)
class Digest:
    """One person's summary: how many matters, the letter, and the same in one line."""

    count: int
    body: str
    short: str


@dataclass(frozen=True)
class Todo:
    """What waits for a person: all of it counted, the most urgent as lines."""

    count: int = 0
    red: int = 0
    yellow: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overview:
    """Where the open cases that a person sees stand."""

    states: tuple[tuple[str, int], ...]
    red: int
    yellow: int
    overdue: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """All open cases."""
        return sum(n for _state, n in self.states)


def digest_readers() -> list[Account]:
    """Return the active people who work on cases, in the office's order."""
    names = [ROLE_NAMES[role] for role in READERS]
    query = (
        select(Account)
        .where(Account.active.is_(True), Account.roles.any(RoleRecord.name.in_(names)))
        .options(selectinload(Account.roles), joinedload(Account.site))
        .order_by(Account.sort_order, Account.id)
    )
    return list(db.session.execute(query).scalars())


@dataclass
class Digests:
    """The summaries of one morning: what all of them share is asked once.

    `calendars` holds the sites that work today and no others.
    """

    now: dt.datetime
    rules: Rules
    calendars: Mapping[int, WorkCalendar]
    link: str = ""
    _overviews: dict[object, Overview] = field(default_factory=dict)
    _todos: dict[object, Todo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._red = is_red(self.calendars, self.rules, self.now)
        urgency = (self._red, 0), (is_yellow(self.calendars, self.rules, self.now), 1)
        self._urgency = case(*urgency, else_=2)
        self._signers = {site_id: self._signers_of(site_id) for site_id in self.calendars}

    def of(self, person: Account) -> Digest | None:
        """Return the person's summary; None on his day off or when there is nothing to do."""
        sites = self._sites(person)
        if not sites:
            return None
        todo = self._todo(person, sites)
        overview = self._overview(person, sites) if roles_of(person) & OVERSEERS else None
        if not todo.count and not (overview and overview.count):
            return None
        # Who has nothing of his own to do is told how much the office has.
        count = todo.count or (overview.count if overview else 0)
        return Digest(count, self._body(person, todo, overview), _short(todo, overview))

    def _sites(self, person: Account) -> list[int]:
        """Return the sites of the person that work today; who has none belongs to all."""
        return [s for s in self.calendars if person.site_id in (None, s)]

    def _signers_of(self, site_id: int) -> tuple[int | None, int | None]:
        """Return who signs as today's leader, and who does on a complaint about a leader."""
        day = self.now.date()
        leader = approving_leader(site_id=site_id, day=day)
        head = approving_leader(site_id=site_id, day=day, about=ComplaintAbout.LEADER)
        return leader and leader.id, head and head.id

    def _viewer(self, person: Account, sites: Iterable[int]) -> Viewer:
        signing = [s for s in sites if roles_of(person) & LEADING]
        leads = frozenset(s for s in signing if self._signers[s][0] == person.id)
        heads = frozenset(s for s in signing if self._signers[s][1] == person.id)
        return Viewer(person, self.now, self.rules, leads, heads)

    def _todo(self, person: Account, sites: list[int]) -> Todo:
        """Return the person's to-do; people of one unit and the same roles have the same."""
        if roles_of(person) & OVERSEERS:
            return self._ask(person, sites)
        sight = sight_of(person)
        if sight not in self._todos:
            self._todos[sight] = self._ask(person, sites)
        return self._todos[sight]

    def _ask(self, person: Account, sites: list[int]) -> Todo:
        """Return the to-do, red first, then yellow; two statements however much it is."""
        lists = waiting_lists(self._viewer(person, sites))
        if not lists:
            return Todo()
        key, due = case(*((found, name) for name, found in lists.items()), else_=""), next_due()
        counts = [func.sum(_one_if(self._urgency == n)).over() for n in (0, 1)]
        # Narrow rows: all that waits is sorted and counted, but only the lines are loaded.
        query = (
            select(Case.id, key, self._urgency, func.count().over(), *counts)
            .where(visible_cases(person), or_(*lists.values()), Case.site_id.in_(sites))
            .order_by(self._urgency, due.is_(None), due, Case.id)
            .limit(MOST_LINES)
        )
        rows = db.session.execute(query).all()
        if not rows:
            return Todo()
        wanted = select(Case).where(Case.id.in_([row[0] for row in rows]))
        cases = {found.id: found for found in db.session.execute(wanted).scalars()}
        lines = tuple(self._line(cases[row[0]], row[1], CARDS[row[2]]) for row in rows)
        return Todo(rows[0][3], rows[0][4], rows[0][5], lines)

    def _line(self, found: Case, key: str, card: Card) -> str:
        calendar = self.calendars[found.site_id]
        stand = standing(found, calendar=calendar, rules=self.rules, now=self.now)
        what = f"{found.ledger_no or '（未编号）'}“{item_of(found) or '未填事项'}”"
        due = due_words(found, stand)
        return f"{CARD_WORDS[card]}{what}：{WAITING_WORDS[key]}{'；' if due else ''}{due}。"

    def _overview(self, person: Account, sites: list[int]) -> Overview:
        """Return where the cases stand that the person sees; asked once for all of equal sight."""
        sight = sight_of(person)
        if sight not in self._overviews:
            seen = visible_cases(person) & Case.site_id.in_(sites)
            self._overviews[sight] = self._count(seen)
        return self._overviews[sight]

    def _count(self, seen: ColumnElement[bool]) -> Overview:
        cards = [func.sum(_one_if(self._urgency == n)) for n in (0, 1)]
        by_state = select(Case.state, func.count(), *cards).where(seen, Case.state.in_(OPEN))
        rows = db.session.execute(by_state.group_by(Case.state)).all()
        found = {state: n for state, n, _red, _yellow in rows}
        return Overview(
            tuple((word(state), found[state]) for state in State if state in found),
            sum(red for *_rest, red, _yellow in rows),
            sum(yellow for *_rest, yellow in rows),
            tuple(overdue_by_unit(seen, self.now)),
        )

    def _body(self, person: Account, todo: Todo, overview: Overview | None) -> str:
        site = f"{person.site.name}　" if person.site else ""
        parts = [f"{site}{day_words(self.now.date())}待办摘要", "\n".join(_todo_lines(todo))]
        if overview:
            parts.append("\n".join(_overview_lines(overview)))
        if self.link:
            parts.append(f"办理请登录系统：{self.link}")
        return "\n\n".join(parts) + "\n"


def overdue_by_unit(seen: ColumnElement[bool], now: dt.datetime) -> list[tuple[str, int]]:
    """Return unit → overdue cases in the units' rank order; last those not handed over yet."""
    query = (
        select(Unit.name, func.count())
        .select_from(Case)
        .outerjoin(Unit, Unit.id == Case.lead_unit_id)
        .where(seen, is_overdue(now))
        .group_by(Unit.id, Unit.name, Unit.sort_order)
        .order_by(Unit.id.is_(None), Unit.sort_order, Unit.id)
    )
    return [(name or NO_UNIT, n) for name, n in db.session.execute(query)]


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _cards(red: int, yellow: int) -> str:
    words = tally([("红牌", red), ("黄牌", yellow)])
    return f"，其中{words}" if words else ""


def _todo_lines(todo: Todo) -> list[str]:
    if not todo.count:
        return ["您目前没有待办事项。"]
    lines = [f"您有待办{todo.count}件{_cards(todo.red, todo.yellow)}："]
    lines += [f"{n}. {line}" for n, line in enumerate(todo.lines, 1)]
    left = todo.count - len(todo.lines)
    return [*lines, f"另有{left}件，请登录系统查看。"] if left else lines


def _overview_lines(overview: Overview) -> list[str]:
    if not overview.count:
        return ["全部在办事项：无。"]
    cards = _cards(overview.red, overview.yellow)
    lines = [f"全部在办事项{overview.count}件{cards}。", f"按状态：{tally([*overview.states])}。"]
    if overview.overdue:
        lines.append(f"按承办窗口（科室）超期：{tally([*overview.overdue])}。")
    return lines


def _short(todo: Todo, overview: Overview | None) -> str:
    own = f"您有待办{todo.count}件{_cards(todo.red, todo.yellow)}。" if todo.count else ""
    if overview is None or not overview.count:
        return own
    return f"{own}全部在办{overview.count}件{_cards(overview.red, overview.yellow)}。"
