"""到期脱敏: who reported is made unreadable for good when the time of keeping it is over (§4.2).

Name and number become 张* and 160****0006, the marks go, and every text that hangs on the case
loses them. What is open, reopened or not yet due is left alone. 典型案例 are masked too. A scan of
a signed paper stays under the archive's rules, and is not given out any more if it shows the
reporter. The timeline needs no masking: names and numbers never enter it (see moves).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Enum, String, Table, and_, bindparam, case, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.actions import audit
from app.actions.exports import release_full
from app.actions.office import load_rules
from app.domain.audit import AuditAction
from app.domain.masking import masked_name, masked_phone, unnamed, without_reporter
from app.domain.states import State
from app.extensions import db
from app.models import Case, CaseEvent, Correction, Notice, Outgoing, Reception, Rejection
from app.models.phone import WithPhone
from app.models.types import Sealed

BATCH = 100
CLOSED = (State.ARCHIVED, State.WITHDRAWN, State.MERGED)
# Texts that nobody typed, or that name others than the reporter.
KEPT = frozenset(
    {
        "reporter_name", "company_name", "involved_person", "phone_mark", "phone_tail_mark",
        "ledger_no", "reception_no", "rejection_no", "series_no", "document_no", "sha256",
        "stored_name", "form_key", "about", "channel", "key", "message_id", "lease", "address",
        "calendar_version", "alarm_key", "field",
    }
)  # fmt: skip


@dataclass
class Masked:
    """What one batch did; `files` are names on the exports' shelf to take away afterwards."""

    cases: int = 0
    visits: int = 0
    files: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many records lost their reporter."""
        return self.cases + self.visits


def due_cases(now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition on cases whose time is over."""
    rules = load_rules()
    closed = years_before(now, rules.keep_case_years)
    refused = years_before(now, rules.keep_desk_years)
    since = _ended_at()
    return and_(
        Case.masked_at.is_(None),
        or_(
            Case.state.in_(CLOSED) & (since < closed),
            (Case.state == State.REJECTED) & (since < refused),
        ),
    )


def due_visits(model: type[Reception] | type[Rejection], now: dt.datetime) -> ColumnElement[bool]:
    """Return the condition on the desk's rows that belong to no case and whose time is over."""
    at = Reception.received_at if model is Reception else Rejection.rejected_at
    limit = years_before(now, load_rules().keep_desk_years)
    return and_(model.masked_at.is_(None), model.case_id.is_(None), at < limit)


def years_before(now: dt.datetime, years: int) -> dt.datetime:
    """Return the same day so many years ago; of a 29 February the 28th."""
    day = now.day if (now.month, now.day) != (2, 29) else 28
    return now.replace(year=now.year - years, day=day)


def mask_some(*, now: dt.datetime) -> Masked:
    """Mask the next cases and visits whose time is over; nothing done means there are no more."""
    done = Masked()
    query = select(Case.id).where(due_cases(now)).order_by(Case.id).limit(BATCH)
    keys = list(db.session.scalars(query.with_for_update(skip_locked=True, of=Case)))
    if keys:
        done.cases = _mask_cases(keys, now)
        done.files = release_full(now=now)
    for model in (Reception, Rejection):
        done.visits += _mask_visits(model, now)
    return done


def _ended_at() -> ColumnElement[Any]:
    """Return when the case came into the state that it is in."""
    came = (
        select(func.max(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.new_state == Case.state)
        .where(or_(CaseEvent.old_state.is_(None), CaseEvent.old_state != CaseEvent.new_state))
        .scalar_subquery()
    )
    known = case(
        (Case.state == State.ARCHIVED, Case.archived_at),
        (Case.state == State.WITHDRAWN, Case.withdrawn_at),
    )
    return func.coalesce(known, came, type_=Case.archived_at.type)


# -- one batch -------------------------------------------------------------------------------------


@dataclass
class _Person:
    """What one case's reporter was ever called, and his numbers."""

    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)

    def gone_from(self, text: str) -> str:
        """Return a text without them, and without numbers of identity cards."""
        text = unnamed(text, names=self.names, phones=self.phones)
        return without_reporter(text, name="", company="", phone="")


def _mask_cases(keys: list[int], now: dt.datetime) -> int:
    rows = db.session.execute(
        select(Case.id, Case.ledger_no, Case.reporter_name, Case.phone).where(Case.id.in_(keys))
    ).all()
    people = {row.id: _Person({row.reporter_name}, {row.phone}) for row in rows}
    _add_former(people)
    for table in _tables():
        key = table.c.id if table is Case.__table__ else table.c.case_id
        _clean(table, select(key.label("case_id"), table.c.id).where(key.in_(keys)), people)
    _clean_letters(people)
    _mask_corrections(keys)
    for model in (Case, Reception, Rejection):
        key = model.__table__.c.id if model is Case else model.__table__.c.case_id
        _mask_rows(model, key.in_(keys), now)
    for row in rows:
        audit.note(AuditAction.MASKED, about=("case", row.id, row.ledger_no or ""))
    db.session.expire_all()
    return len(rows)


def _add_former(people: Mapping[int, _Person]) -> None:
    """Add what was put right later, and what the desk's rows still say."""
    query = select(Correction).where(Correction.case_id.in_(people))
    for row in db.session.scalars(query.execution_options(yield_per=BATCH)):
        if row.field == "reporter_name":
            people[row.case_id].names |= {row.old_value, row.new_value}
        people[row.case_id].phones |= {row.old_phone, row.new_phone}
    for model in (Reception, Rejection):
        facts = select(model.case_id, model.reporter_name, model.phone)
        for key, name, phone in db.session.execute(facts.where(model.case_id.in_(people))):
            people[key].names.add(name)
            people[key].phones.add(phone)


def _tables() -> Iterable[Table]:
    """Yield the case's own table and all that hang on a case, but the timeline."""
    for table in Case.metadata.sorted_tables:
        if table is Case.__table__ or ("case_id" in table.c and table is not CaseEvent.__table__):
            yield table


def _texts(table: Table) -> list[str]:
    return [
        column.name
        for column in table.c
        if isinstance(column.type, String)
        and not isinstance(column.type, Enum | Sealed)
        and column.name not in KEPT
    ]


def _clean(table: Table, keys: Any, people: Mapping[int, _Person]) -> None:
    """Take the reporter out of the texts of these rows; only what changes is written."""
    names = _texts(table)
    query = keys.add_columns(*(table.c[name] for name in names))
    changed: list[dict[str, Any]] = []
    for row in db.session.execute(query).mappings():
        person = people[row["case_id"]]
        values = {name: row[name] and person.gone_from(row[name]) for name in names}
        if any(values[name] != row[name] for name in names):
            changed.append({"key": row["id"], **values})
    if changed:
        statement = update(table).where(table.c.id == bindparam("key"))
        db.session.connection().execute(
            statement.values({name: bindparam(name) for name in names}), changed
        )


def _clean_letters(people: Mapping[int, _Person]) -> None:
    """Take them out of the messages that told of the case."""
    table = Outgoing.__table__
    query = select(Notice.case_id, table.c.id).join(Notice, Notice.outgoing_id == table.c.id)
    _clean(table, query.where(Notice.case_id.in_(people)).distinct(), people)


def _mask_corrections(keys: list[int]) -> None:
    query = select(Correction).where(Correction.case_id.in_(keys), Correction.field == "phone")
    for row in db.session.scalars(query):
        row.old_phone, row.new_phone = masked_phone(row.old_phone), masked_phone(row.new_phone)
    db.session.flush()


def _mask_rows(model: type[WithPhone], condition: Any, now: dt.datetime) -> int:
    """Mask name and number of these rows; the marks go, so that no search finds them."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    query = select(table.c.id, table.c.reporter_name, table.c.phone).where(condition)
    rows = [
        {"key": key, "name": masked_name(name), "number": masked_phone(phone)}
        for key, name, phone in db.session.execute(query.where(table.c.masked_at.is_(None)))
    ]
    if not rows:
        return 0
    values: dict[str, Any] = {
        "reporter_name": bindparam("name"), "phone": bindparam("number"), "phone_mark": "",
        "phone_tail_mark": "", "masked_at": now,
    }  # fmt: skip
    if "version" in table.c:
        values["version"] = table.c.version + 1  # who has it open on a form starts anew
    statement = update(table).where(table.c.id == bindparam("key")).values(values)
    db.session.connection().execute(statement, rows)
    return len(rows)


def _mask_visits(model: type[Reception] | type[Rejection], now: dt.datetime) -> int:
    query = select(model).where(due_visits(model, now)).order_by(model.id).limit(BATCH)
    rows = list(db.session.scalars(query.with_for_update(skip_locked=True, of=model)))
    table: Table = model.__table__
    for row in rows:
        person = _Person({row.reporter_name}, {row.phone})
        for name in _texts(table):
            setattr(row, name, person.gone_from(getattr(row, name)))
        row.reporter_name, row.phone = masked_name(row.reporter_name), masked_phone(row.phone)
        row.masked_at = now
        number = row.reception_no if isinstance(row, Reception) else row.rejection_no
        audit.note(AuditAction.MASKED, about=(table.name, row.id, number))
    db.session.flush()
    return len(rows)
