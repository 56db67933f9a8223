"""A change of the calendar: open cases once, old → new in their timeline; nonsense is refused."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.actions.calendars import calendar_of, import_year, publish_year, set_override
from app.actions.timetables import remove_timetable, save_timetable
from app.actions.year_notice import publish_notice
from app.domain.calendar_parts import CalendarError, CalendarProblem, DayKind
from app.domain.refusals import Code, Refusal
from app.domain.states import LimitClass, State
from app.extensions import db
from app.models import CalendarYear, Case, CaseEvent, DayOverride, OfficialDay, Timetable
from tests.factories import DUE_1, SIGNED, Office, at

NOW = at("2026-10-12 11:00")
TUESDAY = dt.date(2026, 10, 13)  # the day on which a 1-day slip of MONDAY is due
NOTICE_NO = "县府办〔2026〕9号"
YEAR_END = "2026-12-31"
NOTICE_2027 = """元旦：1月1日至3日放假，与周末连休。
春节：2月5日至11日放假调休，共7天。1月31日（周日）、2月13日（周六）上班。
清明节：4月5日放假。
劳动节：5月1日至5日放假调休。5月8日（周六）上班。
端午节：6月9日放假。
中秋节：9月15日放假。
国庆节：10月1日至7日放假调休。9月26日（周日）、10月9日（周六）上班。"""


def close_tuesday(office: Office, now: dt.datetime = NOW) -> int:
    return set_override(
        site_id=office.site.id, day=TUESDAY, kind=DayKind.CLOSED, notice_no=NOTICE_NO,
        by=office.sys_admin, now=now,
    )  # fmt: skip


def events(case: Case) -> list[str]:
    query = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.action.is_(None))
    rows = db.session.scalars(query.order_by(CaseEvent.id))
    return [row.summary for row in rows if row.label == "时限重新计算"]


def test_closed_day_moves_an_open_case_with_old_and_new_in_its_timeline(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    assert case.due_at == DUE_1
    assert close_tuesday(office) == 1
    assert case.due_at == case.original_due_at == at("2026-10-14 17:00")
    assert next(slip for slip in case.slips if not slip.is_void).due_at == case.due_at
    assert events(case) == [
        f"2026-10-13工作日调整（{NOTICE_NO}），"
        "应办结时间由2026年10月13日17时调整为2026年10月14日17时"
    ]
    assert calendar_of(office.site.id).day_kind(TUESDAY) is DayKind.CLOSED


def test_second_run_changes_nothing(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    close_tuesday(office)
    before = (case.due_at, case.event_count)
    assert close_tuesday(office, now=NOW + dt.timedelta(minutes=1)) == 0
    assert (case.due_at, case.event_count) == before
    assert len(events(case)) == 1


@pytest.mark.parametrize("state", [State.TO_EVALUATE, State.ARCHIVED, State.WITHDRAWN])
def test_closed_case_is_never_touched(office: Office, state: State) -> None:
    case = office.case_in(state)
    before = (case.due_at, case.due_reason, case.event_count)
    assert close_tuesday(office) == 0
    assert (case.due_at, case.due_reason, case.event_count) == before


def test_day_taken_back_restores_the_due_time(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    close_tuesday(office)
    count = set_override(
        site_id=office.site.id, day=TUESDAY, kind=None, notice_no="县府办〔2026〕10号",
        by=office.sys_admin, now=NOW + dt.timedelta(hours=1),
    )  # fmt: skip
    assert (count, case.due_at, len(events(case))) == (1, DUE_1, 2)


def test_afternoon_off_moves_the_close_of_business(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    set_override(
        site_id=office.site.id, day=TUESDAY, kind=DayKind.MORNING_ONLY, notice_no=NOTICE_NO,
        by=office.sys_admin, now=NOW,
    )  # fmt: skip
    assert case.due_at == at("2026-10-13 12:00")


def test_case_not_dispatched_yet_gets_a_new_dispatch_time(office: Office) -> None:
    case = office.submit(office.draft(), now=at("2026-10-12 16:45"))
    assert case.dispatch_due_at == at("2026-10-13 12:00")
    assert close_tuesday(office, now=at("2026-10-12 16:50")) == 1
    assert case.dispatch_due_at == at("2026-10-14 12:00")
    assert "应交办时间由2026年10月13日12时调整为2026年10月14日12时" in events(case)[0]


def test_extension_is_counted_anew_from_the_new_original_due(office: Office) -> None:
    case = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    office.extend(case, 2, asked=SIGNED, granted=NOW)
    assert case.due_at == at("2026-10-19 17:00")
    assert close_tuesday(office, now=NOW + dt.timedelta(hours=1)) == 1
    assert (case.original_due_at, case.due_at) == (at("2026-10-16 17:00"), at("2026-10-20 17:00"))


def test_override_without_a_notice_number_is_refused(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    with pytest.raises(Refusal) as refused:
        set_override(
            site_id=office.site.id, day=TUESDAY, kind=DayKind.CLOSED, notice_no="  ",
            by=office.sys_admin, now=NOW,
        )  # fmt: skip
    assert refused.value.code is Code.NOTICE_NO_MISSING
    assert db.session.scalars(select(DayOverride)).first() is None
    assert case.due_at == DUE_1


def hours(**values: object) -> dict[str, object]:
    spans = {
        "am_start": dt.time(8, 30), "am_end": dt.time(12), "pm_start": dt.time(14),
        "pm_end": dt.time(18),
    }  # fmt: skip
    return {"name": "夏季", "valid_from": dt.date(2026, 10, 13), "valid_to": None,
            "weekdays": "1234567"} | spans | values  # fmt: skip


def test_overlapping_timetables_are_refused_whole(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    new = Timetable(site_id=office.site.id)
    with pytest.raises(CalendarError) as refused, db.session.begin_nested():
        save_timetable(new, hours(), by=office.sys_admin, now=NOW)
    assert refused.value.problem is CalendarProblem.TIMETABLES_OVERLAP
    assert len(db.session.scalars(select(Timetable)).all()) == 1
    assert (case.due_at, events(case)) == (DUE_1, [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"am_start": None, "am_end": None, "pm_start": None, "pm_end": None},
        {"am_end": dt.time(15)},
        {"am_end": None},
        {"valid_to": dt.date(2026, 10, 1)},
    ],
    ids=["no hours", "spans overlap", "half a span", "ends before it begins"],
)
def test_timetable_that_makes_no_sense_is_refused_whole(
    office: Office, wrong: dict[str, object]
) -> None:
    old = db.session.scalars(select(Timetable)).one()
    old.valid_to = dt.date(2026, 10, 12)
    db.session.flush()
    new = Timetable(site_id=office.site.id)
    with pytest.raises(CalendarError), db.session.begin_nested():
        save_timetable(new, hours(**wrong), by=office.sys_admin, now=NOW)
    assert db.session.scalars(select(Timetable)).all() == [old]


def test_new_season_moves_the_close_of_business(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    old = db.session.scalars(select(Timetable)).one()
    old.valid_to = dt.date(2026, 10, 12)
    new = Timetable(site_id=office.site.id)
    assert save_timetable(new, hours(), by=office.sys_admin, now=NOW) == 1
    assert case.due_at == at("2026-10-13 18:00")


def test_new_season_ends_the_hours_before_it_in_one_step(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    old = db.session.scalars(select(Timetable)).one()
    new = Timetable(site_id=office.site.id)
    assert save_timetable(new, hours(), ends_previous=True, by=office.sys_admin, now=NOW) == 1
    assert old.valid_to == dt.date(2026, 10, 12)
    assert case.due_at == at("2026-10-13 18:00")


def test_hours_that_open_cases_need_cannot_end_without_others(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    old = db.session.scalars(select(Timetable)).one()
    values = {"valid_to": dt.date(2026, 10, 12)}
    with pytest.raises(CalendarError) as refused, db.session.begin_nested():
        save_timetable(old, values, by=office.sys_admin, now=NOW)
    assert refused.value.problem is CalendarProblem.OUT_OF_RANGE
    assert (old.valid_to, case.due_at) == (None, DUE_1)


def test_last_timetable_cannot_be_taken_away(office: Office) -> None:
    old = db.session.scalars(select(Timetable)).one()
    with pytest.raises(CalendarError), db.session.begin_nested():
        remove_timetable(old, by=office.sys_admin, now=NOW)
    assert db.session.scalars(select(Timetable)).all() == [old]


def over_new_year(office: Office) -> Case:
    """Return a case whose due time looks at 2027, which is not published."""
    case = office.submit(office.draft(now=at(f"{YEAR_END} 09:00")), now=at(f"{YEAR_END} 09:10"))
    return office.dispatch(case, now=at(f"{YEAR_END} 10:00"))


def publish_2027(office: Office, text: str = NOTICE_2027, now: str = f"{YEAR_END} 11:00") -> int:
    return publish_notice(
        year=2027, text=text, notice_no="国办发明电〔2026〕8号", by=office.sys_admin, now=at(now)
    )


def test_published_notice_ends_the_provisional_due_time(office: Office) -> None:
    case = over_new_year(office)
    assert (case.due_at, case.is_due_provisional) == (at("2027-01-04 17:00"), True)
    assert publish_2027(office) == 0  # the day is the same: nothing to tell in the timeline
    assert (case.due_at, case.is_due_provisional) == (at("2027-01-04 17:00"), False)
    assert db.session.get(CalendarYear, 2027).is_published


def test_notice_that_moves_a_provisional_due_time_tells_so(office: Office) -> None:
    case = over_new_year(office)
    text = NOTICE_2027.replace("1月1日至3日放假", "1月1日至4日放假")
    assert publish_2027(office, text) == 1
    assert (case.due_at, case.is_due_provisional) == (at("2027-01-05 17:00"), False)
    assert events(case)[0].startswith("2027年节假日安排导入，应办结时间由2027年1月4日17时")
    assert publish_2027(office, text, now=f"{YEAR_END} 12:00") == 0


def test_notice_may_speak_of_the_last_days_of_december(office: Office) -> None:
    text = NOTICE_2027.replace("1月1日至3日放假", "2026年12月31日至2027年1月3日放假")
    publish_2027(office, text, now="2026-11-20 09:00")
    assert not calendar_of(office.site.id).is_workday(dt.date(2026, 12, 31))
    import_year(year=2026, by=office.sys_admin, now=at("2026-11-21 09:00"))
    assert not calendar_of(office.site.id).is_workday(dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("1月31日（周日）", "2月8日", Code.NOTICE_CONTRADICTORY),
        ("1月31日（周日）", "1月29日", Code.NOTICE_CONTRADICTORY),
        ("清明节：4月5日放假。", "", Code.NOTICE_INCOMPLETE),
        ("6月9日放假", "6月9日", Code.NOTICE_UNREADABLE),
        ("5月1日至5日", "5月1日至35日", Code.NOTICE_UNREADABLE),
    ],
    ids=["off and worked", "weekday as make-up", "statutory day missing", "no verb", "no date"],
)
def test_notice_that_contradicts_itself_is_refused_whole(
    office: Office, old: str, new: str, code: Code
) -> None:
    assert old in NOTICE_2027
    with pytest.raises(Refusal) as refused, db.session.begin_nested():
        publish_2027(office, NOTICE_2027.replace(old, new))
    assert refused.value.code is code
    assert db.session.get(CalendarYear, 2027) is None
    first = dt.date(2027, 1, 1)
    assert db.session.scalars(select(OfficialDay).where(OfficialDay.day >= first)).all() == []


def test_notice_without_a_number_is_refused(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        publish_notice(year=2027, text=NOTICE_2027, notice_no=" ", by=office.sys_admin, now=NOW)
    assert refused.value.code is Code.NOTICE_NO_MISSING


def test_same_day_twice_is_refused_whole(office: Office) -> None:
    day = dt.date(2026, 5, 1)
    before = set(db.session.scalars(select(OfficialDay.day)))
    with pytest.raises(CalendarError), db.session.begin_nested():
        publish_year(
            year=2026, days=[(day, DayKind.HOLIDAY, ""), (day, DayKind.SWAPPED_ON, "")],
            notice_no=NOTICE_NO, by=office.sys_admin, now=NOW,
        )  # fmt: skip
    assert set(db.session.scalars(select(OfficialDay.day))) == before


def test_year_the_source_does_not_know_is_refused(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        import_year(year=2027, by=office.sys_admin, now=NOW)
    assert refused.value.code is Code.NOT_FOUND


def test_import_again_changes_nothing(office: Office) -> None:
    case = office.case_in(State.HANDLING)
    assert import_year(year=2026, by=office.sys_admin, now=NOW) == 0
    assert (case.due_at, events(case)) == (DUE_1, [])
