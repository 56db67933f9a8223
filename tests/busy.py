"""An office in the middle of its work: a case of every kind that some list must hold."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.actions import closing, evaluation, extensions, group, handling, returns
from app.domain.states import (
    CallOutcome,
    Category,
    ComplaintAbout,
    ComplexGround,
    ConductType,
    EvalLevel,
    LimitClass,
    State,
    SuggestionType,
    Verdict,
)
from app.extensions import db
from app.models import Account, Case
from tests.client import OfficeClient
from tests.databases import Backend, make_backend
from tests.factories import CONFIRMED, RATED, RESOLVED, SIGNED, VERIFIED, Office, at, make_office

NOW = at("2026-10-13 15:00")  # a Tuesday: two business hours before DUE_1
CONDUCT = {
    "category": Category.CONDUCT,
    "conduct_type": ConductType.SLOW,
    "occurred_at": at("2026-10-09 10:00"),
}
SECRET = CONDUCT | {"is_confidential": True, "complaint_about": ComplaintAbout.UNIT}
NAMELESS = {
    "category": Category.SUGGESTION,
    "suggestion_type": SuggestionType.OPINION,
    "is_anonymous": True,
}


SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄"


@dataclass(frozen=True)
class Busy:
    """The filled office as tests find it: the application, the keys of people and of cases."""

    app: Flask
    people: dict[str, int]
    cases: dict[str, int]
    units: dict[str, int]

    def person(self, key: str) -> Account:
        """Return somebody by the short name."""
        return db.session.get_one(Account, self.people[key])

    def case(self, name: str) -> Case:
        """Return a case by its short name."""
        return db.session.get_one(Case, self.cases[name])

    def browser(self, key: str) -> OfficeClient:
        """Return somebody's browser."""
        client = OfficeClient(self.app, self.app.response_class)
        client.sign_in(self.people[key])
        return client

    def names(self, keys: Any) -> set[str]:
        """Return the short names of these case ids."""
        wanted = set(keys)
        return {name for name, key in self.cases.items() if key in wanted}


_FILLED: dict[str, tuple[Backend, Busy]] = {}


@pytest.fixture(scope="session")
def busy_offices() -> Iterator[dict[str, tuple[Backend, Busy]]]:
    """Hold the filled offices of this process; filling one takes a while."""
    yield _FILLED
    while _FILLED:
        backend, busy = _FILLED.popitem()[1]
        with busy.app.app_context():
            db.engine.dispose()
        backend.close()


@pytest.fixture
def busy(
    backend_name: str,
    busy_offices: dict[str, tuple[Backend, Busy]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Busy]:
    """Return the filled office with a session over it; what a test writes is gone with it."""
    if backend_name not in busy_offices:
        backend = make_backend(backend_name, tmp_path_factory.mktemp(f"busy_{backend_name}"))
        with backend.app.app_context():
            busy_offices[backend_name] = backend, _fill_and_keep(backend.app)
        backend.keep()
        backend.has_changed = False
    backend, office = busy_offices[backend_name]
    with office.app.app_context():
        yield office
        db.session.remove()
    backend.restore()


@pytest.fixture
def count_statements_of() -> Callable[[Flask], Any]:
    """Return a context manager that yields the list of SQL statements an application sends."""

    @contextmanager
    def counting(app: Flask) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting


def _fill_and_keep(app: Flask) -> Busy:
    office = make_office()
    for person, sign in zip(office.people.values(), SIGNS, strict=False):
        person.first_name = f"郁{sign}"  # a page shows it, and a page shows no Latin letters
    cases = fill(office)
    db.session.commit()
    found = Busy(
        app,
        {key: person.id for key, person in office.people.items()},
        {name: case.id for name, case in cases.items()},
        {key: unit.id for key, unit in office.units.items()},
    )
    db.session.remove()
    db.engine.dispose()
    return found


def fill(office: Office) -> dict[str, Case]:
    """Return the cases by a short name: one of each state, then the special ones."""
    cases = {state.value: office.case_in(state) for state in State}
    cases |= _about_people(office) | _at_work(office) | _closed(office)
    return cases


def _about_people(office: Office) -> dict[str, Case]:
    found = {
        about.value: office.submit(office.draft(**CONDUCT, complaint_about=about))
        for about in ComplaintAbout
    }
    found["secret"] = office.case_in(State.HANDLING, **SECRET)
    found["nameless"] = office.case_in(State.TO_EVALUATE, **NAMELESS)
    # About a leader: the head of the group hands it over and signs it.
    about_leader = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.LEADER))
    found["leader_done"] = office.resolve(
        office.sign(office.dispatch(about_leader, by=office.chief))
    )
    about_section = office.submit(office.draft(**CONDUCT, complaint_about=ComplaintAbout.SECTION))
    found["section_done"] = office.resolve(
        office.sign(office.dispatch(about_section, by=office.leader))
    )
    return found


def _at_work(office: Office) -> dict[str, Case]:
    long = LimitClass.THREE_DAYS
    co_signed = office.sign(office.dispatch(office.submit(office.draft()), co=("build",)))
    handling.sign_co(co_signed, by=office.build_head, now=SIGNED)
    extension = office.case_in(State.HANDLING, limit=long)
    _ask_extension(office, extension)
    class_asked = office.case_in(State.HANDLING)
    office.explain(class_asked)
    handling.ask_class(
        class_asked, complex_grounds=[ComplexGround.MANY_UNITS], reason="涉及三家",
        by=office.land_head, now=RESOLVED,
    )  # fmt: skip
    sent_back = office.case_in(State.TO_CONFIRM)
    closing.send_back(sent_back, reason="答复不完整", by=office.clerk, now=CONFIRMED)
    decided = office.case_in(State.GROUP_REVIEW)
    office.decide(decided, met=at("2026-10-12 15:00"), due=at("2026-10-20 17:00"))
    waits_long = office.draft(now=at("2026-09-21 09:00"))
    _walk_to_group(office, waits_long)
    return {
        "co": office.sign(office.dispatch(office.submit(office.draft()), co=("build",))),
        "co_signed": co_signed,
        "extension": extension,
        "class_asked": class_asked,
        "returned": _returned(office),
        "returned_again": _returned_again(office),
        "sent_back": sent_back,
        "decided": decided,
        "waits_long": waits_long,
        "late": _dispatched_on(office, "2026-10-09"),
        "late_done": office.resolve(
            office.sign(_dispatched_on(office, "2026-10-09"), now=at("2026-10-09 10:00")),
            now=at("2026-10-12 16:00"),
        ),
        "extended": _extended(office),
        "extended_late": _extended_late(office),
    }


def _ask_extension(office: Office, case: Case, now: dt.datetime = RESOLVED) -> None:
    extensions.apply_extension(
        case, days=3, reason="需报上级", work_done="已发函", by=office.land_head, now=now
    )


def _dispatched_on(office: Office, day: str) -> Case:
    case = office.submit(office.draft(now=at(f"{day} 09:00")), now=at(f"{day} 09:10"))
    return office.dispatch(case, now=at(f"{day} 09:20"))


def _walk_to_group(office: Office, case: Case) -> None:
    day = "2026-09-21"
    office.submit(case, now=at(f"{day} 09:10"))
    office.sign(office.dispatch(case, now=at(f"{day} 09:20")), now=at(f"{day} 09:30"))
    group.escalate(case, by=office.leader, now=at(f"{day} 10:00"), reason="多家推诿")


def _returned(office: Office) -> Case:
    case = office.case_in(State.HANDLING)
    returns.request_return(
        case, reason="非本单位职责", suggest_unit_id=office.units["tax"].id,
        by=office.land_head, now=SIGNED,
    )  # fmt: skip
    return case


def _returned_again(office: Office) -> Case:
    case = _returned(office)
    tax = office.units["tax"].id
    returns.reassign(case, lead_unit_id=tax, by=office.clerk, now=RESOLVED)
    returns.request_return(
        case, reason="也不是我们的", suggest_unit_id=office.units["build"].id,
        by=office.tax_head, now=at("2026-10-12 11:00"),
    )  # fmt: skip
    return case


def _extended(office: Office) -> Case:
    case = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    return office.extend(case, asked=RESOLVED, granted=at("2026-10-12 16:00"))


def _extended_late(office: Office) -> Case:
    case = office.sign(_dispatched_on(office, "2026-09-28"), now=at("2026-09-28 10:00"))
    asked, granted = at("2026-09-30 09:00"), at("2026-09-30 10:00")
    return office.extend(case, 7, asked=asked, granted=granted)


def _closed(office: Office) -> dict[str, Case]:
    bad = office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.BAD)
    ruled = office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.VERY_BAD)
    office.verify(ruled, Verdict.MISTAKEN)
    approved = office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.BAD)
    office.verify(approved, Verdict.UNREASONABLE)
    evaluation.approve_verdict(
        approved, agreed=True, opinion="同意", by=office.leader, now=VERIFIED
    )
    read = office.case_in(State.ARCHIVED)
    evaluation.read_evaluation(read, by=office.land_head, now=RATED)
    evaluation.read_evaluation(read, by=office.leader, now=RATED)
    return {
        "bad": bad,
        "ruled": ruled,
        "approved": approved,
        "read": read,
        "redone": _redone(office),
        "uncalled": _confirmed_in_september(office),
        "no_answer": _call(office, _confirmed_in_september(office), CallOutcome.NO_ANSWER),
        "called": _call(office, _confirmed_in_september(office), CallOutcome.REFUSED),
    }


def _redone(office: Office) -> Case:
    """Return a case that was rated badly, done again in time, and rated well."""
    case = office.case_in(State.REDO)
    office.resolve(case, now=at("2026-10-13 11:00"))
    office.confirm(case, now=at("2026-10-13 11:30"))
    return office.rate(case, EvalLevel.VERY_GOOD, now=at("2026-10-13 14:00"))


def _confirmed_in_september(office: Office) -> Case:
    case = _dispatched_on(office, "2026-09-21")
    office.sign(case, now=at("2026-09-21 10:00"))
    office.resolve(case, now=at("2026-09-22 10:00"))
    return office.confirm(case, now=at("2026-09-22 11:00"))


def _call(office: Office, case: Case, outcome: CallOutcome) -> Case:
    at_once = at("2026-10-12 09:00")
    evaluation.call_back(case, outcome=outcome, called_at=at_once, by=office.officer, now=at_once)
    return case
