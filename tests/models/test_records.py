"""Columns and constraints: instants, uniqueness both ways, closed sets, names."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.domain.states import (
    EvalChannel,
    EvalLevel,
    Half,
    LimitClass,
    ReceptionOutcome,
    ReporterType,
    Role,
    SlipKind,
    SolvedLevel,
    State,
    UnitKind,
)
from app.extensions import db
from app.models import (
    Account,
    Case,
    Counter,
    DayOverride,
    DictEntry,
    DutyShift,
    Evaluation,
    LeaderRoster,
    LeaderVisit,
    Reception,
    Rejection,
    Site,
    Slip,
    Unit,
)
from tests.factories import Office, at, make_office

NOW = at("2026-10-12 09:00")
DAY = dt.date(2026, 10, 12)
FREE_DAY = dt.date(2027, 6, 1)  # beyond the roster of the office


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def case_of(office: Office, **values: Any) -> Case:
    facts = {"site_id": office.site.id, "registered_at": NOW, "registered_by_id": office.officer.id}
    case = Case(**(facts | values))
    db.session.add(case)
    db.session.flush()
    return case


def stored(column: str, row_id: int) -> Any:
    query = text(f"SELECT {column} FROM cases WHERE id = :id")  # noqa: S608 (a name of ours)
    return db.session.execute(query, {"id": row_id}).scalar_one()


# -- instants ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        NOW,
        dt.datetime(2026, 10, 12, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 11, 17, tzinfo=dt.timezone(-dt.timedelta(hours=8))),
    ],
)
def test_an_instant_is_stored_in_utc_and_read_in_the_offices_time(
    office: Office, given: dt.datetime
) -> None:
    case = case_of(office, registered_at=given, submitted_at=None)
    db.session.expire(case)
    assert str(stored("registered_at", case.id)).startswith("2026-10-12 01:00:00")
    assert (case.registered_at, case.submitted_at) == (NOW, None)
    assert str(case.registered_at) == "2026-10-12 09:00:00+08:00"
    found = select(Case.id).where(Case.registered_at == given)
    assert db.session.execute(found).scalars().all() == [case.id]


def test_microseconds_survive(office: Office) -> None:
    instant = NOW.replace(microsecond=123_456)
    case = case_of(office, registered_at=instant)
    db.session.expire(case)
    assert case.registered_at == instant


def test_a_time_without_a_zone_is_refused(office: Office) -> None:
    with pytest.raises(StatementError, match="naive"):
        case_of(office, registered_at=dt.datetime(2026, 10, 12, 9))  # noqa: DTZ001 (that is it)


# -- closed sets -------------------------------------------------------------------------------


def test_members_are_stored_by_their_values(office: Office) -> None:
    case = case_of(office, state=State.TO_SIGN, limit_class=LimitClass.ONE_DAY)
    assert stored("state", case.id) == "to_sign"
    assert stored("limit_class", case.id) == "one_day"
    db.session.expire(case)
    assert case.state is State.TO_SIGN


def test_what_is_no_member_is_refused(office: Office) -> None:
    with pytest.raises(StatementError):
        case_of(office, state="somewhere")


# -- unique, both ways -------------------------------------------------------------------------


def slip(office: Office, case: int, year: int = 2026) -> Slip:
    return Slip(
        site_id=office.site.id, year_no=year, slip_no=1, case_id=case,
        unit_id=office.units["land"].id, slip_kind=SlipKind.LEAD, subject="x", content="x",
        limit_class=LimitClass.ONE_DAY, due_at=NOW, issued_at=NOW,
        issued_by_id=office.officer.id,
    )  # fmt: skip


def rejection(office: Office, site_id: int) -> Rejection:
    return Rejection(
        site_id=site_id, rejection_no="B1", rejected_at=NOW, officer_id=office.officer.id,
        item_name="x", ground_id=office.ground.id, legal_basis="x", explain_text="x",
        referred_to="x",
    )  # fmt: skip


def reception(office: Office, site_id: int) -> Reception:
    return Reception(
        site_id=site_id, reception_no="J1", received_at=NOW, officer_id=office.officer.id,
        outcome=ReceptionOutcome.ANSWERED,
    )  # fmt: skip


def rating(office: Office, case: int) -> Evaluation:
    return Evaluation(
        case_id=case, round_no=1, eval_level=EvalLevel.GOOD, entered_by_id=office.officer.id,
        solved_level=SolvedLevel.SOLVED, channel=EvalChannel.QR, evaluated_at=NOW,
    )  # fmt: skip


Pairs = dict[str, tuple[Any, Any, Any]]


def pairs(office: Office, other: Office) -> Pairs:
    """Return, per constraint: a row, one that collides with it, one that only looks like it."""
    here, there = office.site.id, other.site.id
    case, other_case = case_of(office).id, case_of(office).id
    return reference_pairs(here, there) | roster_pairs(office, here, there) | {
        "ledger_no": tuple(ledger(office, s, "1") for s in (here, here, there)),
        "no ledger_no": tuple(ledger(office, here, n) for n in ("1", "1", None)),
        "slip_no": tuple(slip(office, case, year) for year in (2026, 2026, 2027)),
        "reception_no": tuple(reception(office, s) for s in (here, here, there)),
        "rejection_no": tuple(rejection(office, s) for s in (here, here, there)),
        "rating": tuple(rating(office, c) for c in (case, case, other_case)),
    }  # fmt: skip


def ledger(office: Office, site_id: int, number: str | None) -> Case:
    return Case(
        site_id=site_id, ledger_no=number, registered_at=NOW, registered_by_id=office.officer.id
    )


def roster_pairs(office: Office, here: int, there: int) -> Pairs:
    officer, leader = office.officer.id, office.leader.id
    halves = (Half.AM, Half.AM, Half.PM)
    return {
        "shift": tuple(
            DutyShift(site_id=here, day=DAY, half=half, officer_id=officer) for half in halves
        ),
        "visit": tuple(
            LeaderVisit(site_id=here, day=DAY, half=half, leader_id=leader, arrived_at=NOW)
            for half in halves
        ),
        "roster": tuple(
            LeaderRoster(site_id=s, day=FREE_DAY, leader_id=leader) for s in (here, here, there)
        ),
    }


def reference_pairs(here: int, there: int) -> Pairs:
    kinds = ("cause", "cause", "ground")
    return {
        "override": tuple(
            DayOverride(site_id=s, day=DAY, kind="closed", notice_no="x")
            for s in (here, here, there)
        ),
        "counter": tuple(
            Counter(site_id=here, series="slip", period=p, last_no=1)
            for p in ("2026", "2026", "2027")
        ),
        "site": tuple(Site(id=n, name=name) for n, name in ((91, "甲"), (92, "甲"), (93, "乙"))),
        "unit": tuple(
            Unit(site_id=s, name="甲", unit_kind=UnitKind.WINDOW) for s in (here, here, there)
        ),
        "word": tuple(DictEntry(kind=kind, name="甲") for kind in kinds),
    }


NAMES = [
    "ledger_no", "no ledger_no", "slip_no", "reception_no", "rejection_no", "rating", "shift",
    "visit", "roster", "override", "counter", "site", "unit", "word",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:New instance .* with identity key")
def test_what_must_be_unique_is(office: Office, name: str) -> None:
    other = make_office(2)
    found = pairs(office, other)
    assert sorted(found) == sorted(NAMES)
    first, twin, lookalike = found[name]
    db.session.add_all((first, lookalike))
    db.session.flush()
    savepoint = db.session.begin_nested()
    db.session.add(twin)
    with pytest.raises(IntegrityError):
        db.session.flush()
    savepoint.rollback()


def test_a_foreign_key_is_held(office: Office) -> None:
    savepoint = db.session.begin_nested()
    with pytest.raises(IntegrityError):
        case_of(office, lead_unit_id=999_999)
    savepoint.rollback()


# -- people and reporters ----------------------------------------------------------------------


def test_a_name_is_written_without_a_space(office: Office) -> None:
    person = Account(username="x", first_name="建国", last_name="王", email="x@local.invalid")
    assert (person.name, person.get_full_name(), repr(person)) == ("王建国",) * 3
    assert Account(first_name="古丽·买买提", last_name=None).name == "古丽·买买提"
    assert office.land_head.unit is office.units["land"]
    assert {role.name for role in office.clerk.roles} == {"督办考核科"}
    assert office.add("new", Role.AUDITOR).roles[0].name == "审计员"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reporter_name": "郁东篱"}, "郁东篱"),
        ({"reporter_name": "范知秋", "company_name": "沂禾厂"}, "沂禾厂经办人 范知秋"),
        ({"company_name": "沂禾厂", "reporter_type": ReporterType.ENTERPRISE}, "沂禾厂"),
        ({"is_anonymous": True, "reporter_name": "谁"}, "（匿名）"),
        ({"reporter_name": ""}, ""),
    ],
)
def test_the_reporter_is_written_as_on_the_ledger(facts: dict[str, Any], words: str) -> None:
    assert Case(**facts).reporter == words


def test_rare_characters_survive(office: Office) -> None:
    case = case_of(office, reporter_name="𠅤·玛依拉", narrative="“办不成事”…" * 400)
    db.session.expire(case)
    assert case.reporter_name == "𠅤·玛依拉"
    assert case.narrative == "“办不成事”…" * 400


def test_a_slip_number_is_padded_to_four_digits() -> None:
    assert [Slip(slip_no=n).no for n in (1, 131, 9999, 10000)] == ["0001", "0131", "9999", "10000"]
    assert repr(Slip(slip_no=7)) == "NO 0007"
