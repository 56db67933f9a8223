"""补登 of paper ledgers: numbers and times as on paper, figures as they may be, nobody told."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.actions import importing
from app.actions.import_rows import Judged
from app.actions.numbers import draw_number
from app.actions.visibility import visible
from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind, Outcome
from app.domain.indicators import CATALOGUE
from app.domain.states import Category, EvalLevel, LimitClass, NumberKind, ResultType, State
from app.extensions import db
from app.files import StoredFile
from app.jobs import scan_deadlines
from app.models import Account, Case, CaseEvent, Notice, Outgoing
from app.reports.indicators import values
from app.reports.period import named
from app.reports.scope import Scope
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office
from tests.reports.compare import assert_all_equal
from tests.sheets import table

NOW = at("2026-11-13 10:00")
FILE = StoredFile("0" * 32, 1, "0" * 64)
ROW: dict[str, Any] = {
    "ledger_no": "2025-0012", "registered": "2025-03-03", "officer": "离任人", "reporter": "郁东篱",
    "phone": 1.6e10, "category": "未成功受理/审批", "item": "慢病备案", "narrative": "两次被退回。",
    "units": "不动产登记窗口、工程建设科", "slips": "0012、0013", "issued": "2025-03-03 10:20",
    "limit": "1个工作日", "due": "2025-03-04 17:00", "finished": "2025-03-04 15:30",
    "on_time": "是", "result": "已核实补录。", "achieved": "是", "level": "满意",
    "leader": "离任领导", "remark": "纸质",
}  # fmt: skip
BARE: dict[str, Any] = {
    "ledger_no": "2025-0013", "registered": "2025年3月5日", "reporter": "匿名", "category": 4,
    "item": "延时服务", "narrative": "建议周六开门。",
}  # fmt: skip


@pytest.fixture
def office(session: Any) -> Office:
    office = make_office()
    db.session.commit()
    return office


@pytest.fixture
def judged(office: Office, tmp_path: Path) -> Callable[..., Judged]:
    def judge(*rows: dict[str, Any]) -> Judged:
        return importing.try_out(
            ImportKind.LEDGER, table(ImportKind.LEDGER, rows, tmp_path),
            site_id=office.site.id, by=office.clerk, now=NOW,
        )  # fmt: skip

    return judge


@pytest.fixture
def applied(office: Office, tmp_path: Path, judged: Any) -> Callable[..., Judged]:
    def apply(*rows: dict[str, Any]) -> Judged:
        plan = judged(*rows)
        assert plan.is_clean, reasons(plan)
        clerk, site = office.clerk.id, office.site.id
        with unit_of_work():
            by = db.session.get_one(Account, clerk)
            run = importing.note_upload(
                ImportKind.LEDGER, plan, file_name="台账.xlsx", upload=FILE, verdicts=FILE,
                site_id=site, by=by, now=NOW,
            )  # fmt: skip
            return importing.apply(
                run, table(ImportKind.LEDGER, rows, tmp_path), by=by, now=NOW, hashes=()
            )

    return apply


def reasons(found: Judged) -> list[tuple[int, str, Any]]:
    return [
        (v.number, p.head, p.error.fault if isinstance(p.error, BadImport) else p.error.code)
        for v in found.verdicts
        for p in v.problems
    ]


def case_of(number: str) -> Case:
    return db.session.scalars(select(Case).where(Case.ledger_no == number)).one()


def test_dry_run_writes_nothing(judged: Any) -> None:
    found = judged(ROW, BARE)
    assert [v.outcome for v in found.verdicts] == [Outcome.NEW, Outcome.NEW]
    assert db.session.scalar(select(func.count()).select_from(Case)) == 0
    assert not db.session.new


def test_paper_case_keeps_numbers_times_and_names(applied: Any, office: Office) -> None:
    applied(ROW, BARE)
    case = case_of("2025-0012")
    assert (case.state, case.is_backfilled, case.has_true_times) == (State.ARCHIVED, True, True)
    assert (case.registered_at, case.finished_at) == (at("2025-03-03 00:00"),
                                                      at("2025-03-04 15:30"))  # fmt: skip
    assert (case.dispatched_at, case.due_at) == (at("2025-03-03 10:20"), at("2025-03-04 17:00"))
    assert (case.officer_name, case.leader_name) == ("离任人", "离任领导")
    assert (case.phone, case.category) == ("16000000000",
                                                            Category.NOT_ACCEPTED)  # fmt: skip
    assert (case.limit_class, case.eval_level) == (LimitClass.ONE_DAY, EvalLevel.GOOD)
    assert [(s.year_no, s.slip_no, s.unit.name) for s in case.slips] == [
        (2025, 12, "不动产登记窗口"), (2025, 13, "工程建设科"),
    ]  # fmt: skip
    (result,) = case.results
    assert (result.result_type, result.reply_text) == (ResultType.SOLVED, "已核实补录。")
    events = db.session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
    ).all()
    assert {e.label for e in events} == {"补登"}
    assert [e.at for e in events] == [case.registered_at, case.dispatched_at, case.finished_at, NOW]
    assert {e.by_id for e in events} == {office.clerk.id}
    bare = case_of("2025-0013")
    assert (bare.is_anonymous, bare.has_true_times, bare.finished_at) == (True, False, None)
    assert (bare.slips, bare.results, bare.registered_by_id) == ([], [], office.clerk.id)


def test_numbers_go_on_after_the_highest(applied: Any, office: Office) -> None:
    applied(ROW | {"ledger_no": "2026-0040", "registered": "2026-03-03", "slips": "0051",
                   "issued": "2026-03-03 10:20", "due": "2026-03-04 17:00",
                   "finished": "2026-03-04 15:30"},
            ROW, BARE)  # fmt: skip
    draws = {
        (series, year): draw_number(site_id=office.site.id, series=series, period=year)
        for series in (NumberKind.LEDGER, NumberKind.SLIP)
        for year in ("2025", "2026")
    }
    assert draws == {
        (NumberKind.LEDGER, "2025"): 14, (NumberKind.LEDGER, "2026"): 41,
        (NumberKind.SLIP, "2025"): 14, (NumberKind.SLIP, "2026"): 52,
    }  # fmt: skip
    db.session.rollback()
    case = office.dispatch(office.submit(office.draft()))
    assert (case.ledger_no, case.slips[0].slip_no) == ("2026-0041", 52)


def test_lower_numbers_leave_the_counter(applied: Any, office: Office) -> None:
    for _each in range(20):
        draw_number(site_id=office.site.id, series=NumberKind.LEDGER, period="2025")
    db.session.commit()
    applied(BARE)
    drawn = draw_number(site_id=office.site.id, series=NumberKind.LEDGER, period="2025")
    assert drawn == 21


def test_taken_numbers_are_named(applied: Any, judged: Any) -> None:
    applied(ROW)
    found = judged(ROW, BARE, BARE, ROW | {"ledger_no": "2025-0099", "slips": "13"})
    assert reasons(found) == [
        (2, "台账编号", Fault.NUMBER_TAKEN), (4, "台账编号", Fault.TWICE),
        (5, "交办单号", Fault.NUMBER_TAKEN),
    ]  # fmt: skip
    facts = [v.problems[0].error.facts for v in found.verdicts if v.problems]
    assert [f.get("number") for f in facts] == ["2025-0012", None, "2025-0013"]


BAD: list[tuple[dict[str, Any], str, Fault]] = [
    ({"registered": "2026-12-01", "ledger_no": "2026-0012"}, "登记日期", Fault.FUTURE),
    ({"ledger_no": "2024-0012"}, "台账编号", Fault.OTHER_YEAR),
    ({"ledger_no": "十二"}, "台账编号", Fault.NOT_NUMBER_OF_LEDGER),
    ({"reporter": "郁**"}, "反映人", Fault.MASKED),
    ({"reporter": None}, "反映人", Fault.EMPTY),
    ({"phone": "160****0000"}, "联系电话", Fault.MASKED),
    ({"units": "没有的窗口"}, "接办窗口（科室）", Fault.UNKNOWN_UNIT),
    ({"slips": "1、2、3"}, "交办单号", Fault.SLIPS_AND_UNITS),
    ({"limit": None}, "办理时限", Fault.LIMIT_MISSING),
    ({"finished": "2025-03-02 9:00"}, "办结时间", Fault.TOO_EARLY),
    ({"finished": "2025-03-03 9:00"}, "办结时间", Fault.TOO_EARLY),
    ({"due": "2025-03-02 17:00", "on_time": None}, "应办结时间", Fault.TOO_EARLY),
    ({"on_time": "否"}, "是否按时", Fault.NOT_ON_TIME),
    ({"finished": "2025-03-06 9:00"}, "是否按时", Fault.NOT_ON_TIME),
    ({"units": None, "slips": None}, "接办窗口（科室）", Fault.UNIT_MISSING),
    ({"achieved": None}, "是否办成", Fault.ACHIEVED_MISSING),
    ({"extended": 8}, "延期（工作日）", Fault.OUT_OF_RANGE),
    ({"level": "一般"}, "是否满意（评价等级）", Fault.NOT_CHOICE),
    ({"narrative": None}, "“办不成事”事项情况", Fault.EMPTY),
]


@pytest.mark.sqlite_only
def test_every_bad_row_is_told(judged: Any) -> None:
    for change, head, fault in BAD:
        assert reasons(judged(ROW | change)) == [(2, head, fault)], change


TIMELY = ("ontime_rate", "ontime_noext_rate", "overdue_rate", "finish_rate", "avg_hours",
          "total_days", "sign_rate", "response_rate", "same_day_rate")  # fmt: skip


def test_figures_count_what_the_paper_gives(applied: Any, office: Office) -> None:
    late = {"ledger_no": "2025-0014", "slips": "14", "finished": "2025-03-06 9:00",
            "on_time": "否", "level": "不满意"}  # fmt: skip
    only_days = {"ledger_no": "2025-0015", "slips": "15", "issued": "2025-03-03",
                 "due": "2025-03-04", "finished": "2025-03-04"}  # fmt: skip
    extended = {"ledger_no": "2025-0016", "slips": "16", "extended": 3, "limit": "3个工作日",
                "due": "2025-03-11 17:00", "finished": "2025-03-10 9:00"}  # fmt: skip
    applied(ROW, BARE, ROW | late, ROW | only_days, ROW | extended)
    month = named("2025-03", now=NOW)
    found = values(CATALOGUE, period=month, scope=Scope(office.site.id))
    assert found["accept_cnt"].n == 5
    assert (found["ontime_rate"].n, found["ontime_rate"].d) == (2, 3)
    assert (found["ontime_noext_rate"].n, found["ontime_noext_rate"].d) == (1, 3)
    assert found["avg_hours"].d == 3
    assert (found["achieved_rate"].n, found["achieved_rate"].d) == (4, 4)
    assert (found["satisfy_rate"].n, found["satisfy_rate"].d) == (3, 4)
    assert (found["ext_rate"].n, found["callback_rate"].d) == (1, 0)
    assert {found[key].d for key in ("sign_rate", "response_rate", "same_day_rate")} == {0}
    assert_all_equal(office.site.id, month, (None, office.units["land"].id))


def test_row_without_times_is_in_no_timeliness(applied: Any, office: Office) -> None:
    applied(BARE)
    month = named("2025-03", now=NOW)
    found = values(CATALOGUE, period=month, scope=Scope(office.site.id))
    assert (found["accept_cnt"].n, found["category_4"].n) == (1, 1)
    assert {found[key].d for key in TIMELY} == {0}


def test_nobody_is_told_and_no_clock_runs(applied: Any, office: Office) -> None:
    before = [db.session.scalar(select(func.count()).select_from(m)) for m in (Notice, Outgoing)]
    applied(ROW | {"level": "非常不满意"}, BARE)
    with unit_of_work():
        scan_deadlines.run(NOW + dt.timedelta(days=3))
    after = [db.session.scalar(select(func.count()).select_from(m)) for m in (Notice, Outgoing)]
    assert after == before
    case = case_of("2025-0012")
    assert (case.state, case.next_look_at, case.alarm_round) == (State.ARCHIVED, None, 0)


def test_paper_case_is_seen_through_the_one_door(applied: Any, office: Office) -> None:
    applied(ROW)
    seen = {
        key: db.session.scalars(visible(getattr(office, key))).all()
        for key in ("clerk", "land_head", "build_head", "tax_head")
    }
    assert {key: len(found) for key, found in seen.items()} == {
        "clerk": 1, "land_head": 1, "build_head": 1, "tax_head": 0,
    }  # fmt: skip


@pytest.mark.sqlite_only
def test_more_than_a_batch_is_written_whole(
    applied: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.actions.import_ledger.BATCH", 20)
    applied(*(ROW | {"ledger_no": f"2025-{n:04d}", "slips": n} for n in range(1, 46)))
    assert db.session.scalar(select(func.count()).select_from(Case)) == 45
    assert draw_number(site_id=office.site.id, series=NumberKind.LEDGER, period="2025") == 46
