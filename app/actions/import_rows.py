"""What every import does with its rows: judged one by one by the rules the screens go by."""

import datetime as dt
import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.actions.people import RESERVED, roles_of
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import COLUMNS, ImportKind, Outcome
from app.domain.import_table import Line, Problem, Read, Table, problem_at, read_line
from app.domain.import_values import squeezed, tidy
from app.domain.refusals import Code, Refusal
from app.domain.states import Role
from app.extensions import db
from app.models import Account, Site, Unit


@dataclass(frozen=True)
class Change:
    """A cell that differs from what stands in the system."""

    head: str
    before: str
    after: str


@dataclass(frozen=True)
class Written:
    """What a row did: made a record, or changed these facts of one (none: it was so already)."""

    is_new: bool
    changes: tuple[Change, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Return the verdict."""
        if self.is_new:
            return Outcome.NEW
        return Outcome.CHANGED if self.changes else Outcome.SAME


@dataclass
class Verdict:
    """What becomes of one row, and why not."""

    sheet: str
    number: int
    outcome: Outcome
    title: str
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass
class Judged:
    """The verdicts on all rows of a file."""

    verdicts: list[Verdict]
    ignored: tuple[str, ...] = ()
    created: list[Account] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """Return how many rows met this verdict."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts)

    @property
    def is_clean(self) -> bool:
        """Return whether every row can be taken."""
        return not self.count(Outcome.BAD)

    @property
    def writes(self) -> int:
        """Return how many rows would write something."""
        return self.count(Outcome.NEW) + self.count(Outcome.CHANGED)

    @property
    def plan(self) -> str:
        """Return a digest of what would be written: another plan has another one."""
        rows = [
            (v.sheet, v.number, v.outcome.value, [(c.head, c.before, c.after) for c in v.changes])
            for v in self.verdicts
        ]
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


class Importer:
    """One kind's way to take a row; the records are written, whoever called takes them back."""

    kind: ClassVar[ImportKind]
    # Which column a rule's field stands in, where the two have different names.
    column_of: ClassVar[Mapping[str, str]] = {}
    # Whether `write` writes at once (and is undone when the row is refused), or `save` does.
    writes_rows: ClassVar[bool] = True

    def __init__(
        self, *, site: Site, by: Account, now: dt.datetime, run_id: int | None = None
    ) -> None:
        self.site, self.by, self.now, self.run_id = site, by, now, run_id
        self.created: list[Account] = []
        self.heads = {column.key: column.head for column in COLUMNS[self.kind]}

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """Return what no two rows of a file may share."""
        raise NotImplementedError

    def write(self, read: Read) -> Written:
        """Write the row; raises BadImport or Refusal."""
        raise NotImplementedError

    def finish(self) -> None:
        """Do what follows from all rows together."""

    def save(self) -> None:
        """Write what `write` has only checked."""

    def changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
        """Return what differs, by the heads of the template."""
        return tuple(
            Change(self.heads[key], shown(before.get(key)), shown(value))
            for key, value in after.items()
            if key in self.heads and shown(before.get(key)) != shown(value)
        )


def judge(importer: Importer, table: Table) -> Judged:
    """Take every row of a file and return the verdicts; what was written stands in the session."""
    verdicts: list[Verdict] = []
    seen: dict[Hashable, Line] = {}
    for line in table.lines:
        verdicts.append(_verdict(importer, line, seen))
    judged = Judged(verdicts, table.ignored, importer.created)
    if judged.is_clean and judged.writes:
        _finish(importer, judged)
    return judged


def _verdict(importer: Importer, line: Line, seen: dict[Hashable, Line]) -> Verdict:
    title = next((words for words in map(_seen, line.cells.values()) if words), "")
    if line.is_left_out:
        return Verdict(line.sheet, line.number, Outcome.LEFT_OUT, title)
    read = read_line(line, importer.kind)
    if read.problems:
        return Verdict(line.sheet, line.number, Outcome.BAD, title, problems=tuple(read.problems))
    try:
        written = _take(importer, read, seen)
    except (BadImport, Refusal) as error:
        problem = problem_at(line, importer.kind, _column(importer, error), error)
        return Verdict(line.sheet, line.number, Outcome.BAD, title, problems=(problem,))
    return Verdict(line.sheet, line.number, written.outcome, title, written.changes)


def _take(importer: Importer, read: Read, seen: dict[Hashable, Line]) -> Written:
    key = importer.key(read.values)
    first = seen.setdefault(key, read.line)
    if first is not read.line:
        raise BadImport(
            Fault.TWICE, field=COLUMNS[importer.kind][0].key, sheet=first.sheet, row=first.number
        )
    if not importer.writes_rows:
        return importer.write(read)
    try:
        with db.session.begin_nested():
            return importer.write(read)
    except IntegrityError:
        raise Refusal(Code.NAME_TAKEN, field=COLUMNS[importer.kind][0].key) from None


def _finish(importer: Importer, judged: Judged) -> None:
    """Let the rows together be refused at the row they are about, else at the last one."""
    try:
        importer.finish()
    except Refusal as error:
        days = {str(value) for value in error.facts.values() if isinstance(value, dt.date)}
        written = [v for v in judged.verdicts if v.outcome in (Outcome.NEW, Outcome.CHANGED)]
        about = next((v for v in written if v.title in days), written[-1])
        about.outcome, about.problems = Outcome.BAD, (Problem("", "", "", error),)


def _column(importer: Importer, error: BadImport | Refusal) -> str | None:
    name = error.facts.get("field")
    return importer.column_of.get(str(name), str(name)) if name else None


def _seen(cell: Any) -> str:
    """Return a cell for the verdict's title: short, and on one line."""
    words = tidy(cell) if isinstance(cell, str | int | float | dt.date | dt.time) else ""
    return " ".join(words.split())[:40]


def shown(value: Any) -> str:
    """Return a value as the person reads it in the verdict."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None:
        return ""
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    return str(value)


class People:
    """The office's people by name or user name, as a sheet calls them."""

    def __init__(self, site_id: int) -> None:
        own = Account.site_id.is_(None) | (Account.site_id == site_id)
        rows = db.session.execute(
            select(Account).where(own, Account.active.is_(True)).order_by(Account.id)
        ).scalars()
        self._all = [account for account in rows if account.username not in RESERVED]
        self._roles = {account.id: roles_of(account) for account in self._all}
        self._names: dict[str, list[Account]] = {}
        for account in self._all:
            self._names.setdefault(squeezed(account.name), []).append(account)
        self._users = {account.username.upper(): account for account in self._all}

    def find(self, name: str, *, field: str, roles: Iterable[Role] = ()) -> Account:
        """Return who is meant; namesakes are told apart by role, else by user name."""
        found = self._names.get(squeezed(name), [])
        wanted = frozenset(roles)
        fitting = [a for a in found if not wanted or self._roles[a.id] & wanted]
        if len(found) > 1 and fitting:
            found = fitting
        if not found and (user := self._users.get(name.strip().upper())):
            return user
        if not found:
            raise BadImport(Fault.UNKNOWN_PERSON, field=field, name=name)
        if len(found) > 1:
            raise BadImport(Fault.NAMESAKES, field=field, name=name, n=len(found))
        return found[0]

    def user(self, username: str, *, field: str) -> Account:
        """Return the active account of a user name."""
        found = self._users.get(username.strip().upper())
        if found is None:
            raise BadImport(Fault.UNKNOWN_PERSON, field=field, name=username)
        return found


def units_by_name(site_id: int, *, also_closed: bool = False) -> dict[str, Unit]:
    """Return the units of a site by their name without blanks and with half-width letters."""
    query = select(Unit).where(Unit.site_id == site_id).order_by(Unit.is_active, Unit.id)
    if not also_closed:
        query = query.where(Unit.is_active.is_(True))
    return {squeezed(unit.name): unit for unit in db.session.execute(query).scalars()}


def unit_named(units: Mapping[str, Unit], name: str, *, field: str) -> Unit:
    """Return the unit of a name, or refuse one that is not known."""
    found = units.get(squeezed(name))
    if found is None:
        raise BadImport(Fault.UNKNOWN_UNIT, field=field, name=name)
    return found
