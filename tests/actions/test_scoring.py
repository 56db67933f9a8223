"""考核规则, 剔除, 定稿, 更正: who may, when, what is kept, and what two at once do."""

import threading
from decimal import Decimal as D
from typing import Any

import pytest
from flask import Flask

from app.actions import closing, reveals
from app.actions.score_rules import hold, load_example, month_after, scheme_of, set_rules
from app.actions.scoring import (
    correct_score,
    exclude,
    freeze,
    restore,
)
from app.domain.refusals import Code, Refusal
from app.domain.scoring import Rule, UnitScore
from app.domain.states import EvalLevel, RevealReason, ScoreKind, State, SupervisionKind
from app.extensions import db
from app.models import Account, ScoreCorrection, ScoreSheet, Unit
from app.models.score import SheetIsFrozen
from app.reports.period import named
from app.reports.score_sheets import Sheet, differences, months, sheet_of
from app.unit_of_work import unit_of_work
from tests.factories import Office, at, make_office
from tests.scores import AFTER, DAY, OCTOBER, late_case, measure, switch_on

K = ScoreKind


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


def seen(office: Office, month: str = OCTOBER, now: Any = AFTER) -> Sheet:
    return sheet_of(office.site, period=named(month, now=now))


def line(office: Office, unit: str = "land", **where: Any) -> UnitScore:
    found = seen(office, **where).unit(office.units[unit].id)
    assert found is not None
    return found


def leave_out(office: Office, kind: K, key: int, **more: Any) -> Any:
    values = {"reason": "系统故障", "by": office.clerk, "now": AFTER} | more
    return exclude(
        site_id=office.site.id, month=DAY, kind=kind, record_id=key, counted=seen(office).units,
        **values,
    )  # fmt: skip


def frozen(office: Office, **more: Any) -> ScoreSheet:
    sheet, values = seen(office), {"by": office.clerk, "now": AFTER} | more
    return freeze(
        site_id=office.site.id, month=DAY, scheme=sheet.scheme, counted=sheet.units, **values
    )


def put_right(office: Office, kind: K | None, seen_: str, new: str, **more: Any) -> Any:
    sheet = seen(office).frozen
    values = {"reason": "复核有误", "by": office.clerk, "now": AFTER} | more
    return correct_score(
        sheet, unit_id=office.units["land"].id, kind=kind, seen=D(seen_), new=D(new), **values
    )


def refused(code: Code) -> Any:
    return pytest.raises(Refusal, match=code.value)


# -- rules --------------------------------------------------------------------------------------


def test_ships_empty_and_loads_the_example_once_all_off(office: Office) -> None:
    assert scheme_of(site_id=office.site.id, month=DAY).rules == ()
    example = {"site_id": office.site.id, "valid_from": DAY, "now": AFTER}
    with refused(Code.ROLE_MISSING):
        load_example(by=office.leader, **example)
    load_example(by=office.clerk, **example)
    scheme = scheme_of(site_id=office.site.id, month=DAY)
    assert (len(scheme.rules), scheme.active, scheme.base) == (9, (), 100)
    with refused(Code.ALREADY_DONE):
        load_example(by=office.clerk, **example)


def test_rules_hold_from_their_month_and_the_latest_setting_counts(office: Office) -> None:
    switch_on(office, K.RED)
    switch_on(office, K.RED, K.NOTICE, valid_from="2026-12")
    switch_on(office, K.CIRCULAR)

    def kinds(month: str) -> list[K]:
        day = at(f"{month}-01 00:00").date()
        return [r.kind for r in scheme_of(site_id=office.site.id, month=day).active]

    assert kinds("2026-09") == []
    assert kinds("2026-10") == kinds("2026-11") == [K.CIRCULAR]
    assert kinds("2026-12") == kinds("2027-05") == [K.RED, K.NOTICE]


@pytest.mark.parametrize(
    ("rule", "field"),
    [(Rule(K.RED, D(0), None, is_on=True), "points_red"),
     (Rule(K.RED, D(-1), D(0), is_on=True), "cap_red"),
     (Rule(K.RED, D(-1), D(-5), is_on=False), "cap_red")],
)  # fmt: skip
def test_rules_that_say_nothing_are_refused(office: Office, rule: Rule, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        set_rules(
            site_id=office.site.id, valid_from=DAY, base=D(100), rules=[rule], is_floored=True,
            by=office.clerk, now=AFTER,
        )  # fmt: skip
    assert refusal.value.facts["field"] == field


def test_rules_of_one_site_are_not_anothers(office: Office) -> None:
    other = make_office(2)
    switch_on(office)
    assert scheme_of(site_id=other.site.id, month=DAY).active == ()
    with refused(Code.OTHER_SITE):
        set_rules(
            site_id=other.site.id, valid_from=DAY, base=D(1), rules=[], is_floored=True,
            by=office.clerk, now=AFTER,
        )  # fmt: skip


# -- the draft ----------------------------------------------------------------------------------


def test_draft_is_counted_live_for_every_unit_in_use(office: Office) -> None:
    switch_on(office)
    sheet = seen(office)
    assert [unit.name for unit in sheet.units] == ["不动产登记窗口", "工程建设科", "税务窗口"]
    late_case(office)
    measure(office, SupervisionKind.NOTICE, "tax")
    measure(office, SupervisionKind.CIRCULAR, "gone")
    assert [(rank, u.name, u.total) for rank, u in seen(office).lines] == [
        (1, "工程建设科", 100), (2, "税务窗口", 99), (3, "不动产登记窗口", 98), (4, "已撤窗口", 90)
    ]  # fmt: skip


def test_excluded_occurrence_stays_out_until_it_is_taken_back(office: Office) -> None:
    switch_on(office)
    case = late_case(office)
    row = leave_out(office, K.RED, case.id)
    assert (row.unit_id, line(office).total) == (office.units["land"].id, 100)
    with refused(Code.NOT_FOUND):
        leave_out(office, K.RED, case.id)
    restore(row, by=office.clerk2, now=AFTER)
    assert (line(office).total, row.reason, row.restored_by) == (98, "系统故障", office.clerk2)
    with refused(Code.ALREADY_DONE):
        restore(row, by=office.clerk, now=AFTER)
    leave_out(office, K.RED, case.id)
    assert len(seen(office).exclusions) == 2


def test_what_is_not_on_the_sheet_cannot_be_excluded(office: Office) -> None:
    switch_on(office, K.NOTICE)
    case = late_case(office)
    with refused(Code.NOT_FOUND):
        leave_out(office, K.RED, case.id)


@pytest.mark.parametrize(
    "who", ["land_head", "land_handler", "leader", "chief", "m1", "officer", "viewer", "sys_admin"]
)
def test_nobody_but_the_section_writes(office: Office, who: str) -> None:
    switch_on(office)
    case, by = late_case(office), office.people[who]
    row = leave_out(office, K.RED, case.id)
    for act in (
        lambda: leave_out(office, K.RED, case.id, by=by),
        lambda: restore(row, by=by, now=AFTER),
        lambda: frozen(office, by=by),
    ):
        with refused(Code.ROLE_MISSING):
            act()
    frozen(office)
    with refused(Code.ROLE_MISSING):
        put_right(office, None, "100", "90", by=by)


def test_reason_is_needed(office: Office) -> None:
    switch_on(office)
    case = late_case(office)
    with refused(Code.FIELDS_MISSING):
        leave_out(office, K.RED, case.id, reason="  ")
    frozen(office)
    with refused(Code.FIELDS_MISSING):
        put_right(office, K.RED, "-2", "0", reason=" ")


# -- freezing -----------------------------------------------------------------------------------


def test_freezing_waits_for_the_months_end_and_for_a_rule(office: Office) -> None:
    with refused(Code.NO_RULE_ON):
        frozen(office)
    switch_on(office)
    with refused(Code.MONTH_NOT_OVER):
        frozen(office, now=at("2026-10-31 23:59:59"))
    assert frozen(office, now=at("2026-11-01 00:00")).month == DAY
    with refused(Code.ALREADY_DONE):
        frozen(office)
    assert month_after(at("2026-12-01 00:00").date()).isoformat() == "2027-01-01"


def test_nothing_moves_a_frozen_sheet(office: Office) -> None:
    switch_on(office)
    case, measured = late_case(office), measure(office, SupervisionKind.NOTICE)
    row = leave_out(office, K.NOTICE, measured.id)
    frozen(office)
    db.session.flush()
    before = [(u.name, u.total, u.cells) for u in seen(office).units]
    closing.withdraw(case, reason="已办好", proof="来电", by=office.officer, now=AFTER)
    measure(office, SupervisionKind.CIRCULAR, "tax")
    switch_on(office, K.RED, valid_from="2026-11")
    office.units["land"].name, office.units["tax"].is_active = "新名称", False
    with refused(Code.SHEET_FROZEN):
        switch_on(office, K.RED)
    with refused(Code.SHEET_FROZEN):
        leave_out(office, K.RED, case.id)
    with refused(Code.SHEET_FROZEN):
        restore(row, by=office.clerk, now=AFTER)
    db.session.flush()
    db.session.expire_all()
    sheet = seen(office)
    assert [(u.name, u.total, u.cells) for u in sheet.units] == before
    names = {unit.id: key for key, unit in office.units.items()}
    found = [(names[d.unit_id], d.kind, len(d.gone), len(d.come)) for d in differences(sheet)]
    assert sorted(found) == [("land", K.RED, 1, 0), ("tax", K.CIRCULAR, 0, 1)]


def test_sheet_as_frozen_has_no_difference(office: Office) -> None:
    switch_on(office)
    late_case(office)
    leave_out(office, K.NOTICE, measure(office, SupervisionKind.NOTICE).id)
    case = office.verify(office.rate(office.case_in(State.TO_EVALUATE), EvalLevel.BAD))
    reveals.reveal_phone(case, why=RevealReason.CHECK, by=office.clerk, now=AFTER)
    live = seen(office)
    frozen(office)
    sheet = seen(office)
    assert (sheet.mark, sheet.lines, differences(sheet)) == (live.mark, live.lines, [])


def test_frozen_rows_cannot_be_edited_or_deleted(office: Office) -> None:
    switch_on(office)
    late_case(office)
    sheet = frozen(office)
    put_right(office, None, "98", "97")
    for change in (
        lambda: setattr(sheet, "rules_json", "{}"),
        lambda: setattr(sheet.units[0], "total", D(1)),
        lambda: setattr(sheet.units[0].lines[0], "points", D(1)),
        lambda: setattr(sheet.corrections[0], "new_value", D(1)),
        lambda: db.session.delete(sheet.corrections[0]),
    ):
        with db.session.begin_nested() as savepoint:
            change()
            with pytest.raises(SheetIsFrozen):
                db.session.flush()
            savepoint.rollback()
        db.session.expire_all()


def test_months_show_their_state(office: Office) -> None:
    switch_on(office)
    frozen(office)
    put_right(office, None, "100", "99")
    periods = [named(name, now=AFTER) for name in ("2026-11", "2026-10", "2026-09")]
    found = [
        (m.period.name, bool(m.frozen), m.rules_on) for m in months(office.site, periods=periods)
    ]
    assert found == [("2026-11", False, 9), ("2026-10", True, 9), ("2026-09", False, 0)]
    later = [named("2027-12", now=AFTER), named("2027-11", now=AFTER)]
    assert [m.period.name for m in months(office.site, periods=later)][-1] == "2026-10"


# -- corrections --------------------------------------------------------------------------------


def test_correction_needs_a_frozen_sheet(office: Office) -> None:
    switch_on(office)
    with refused(Code.SHEET_NOT_FROZEN):
        put_right(office, None, "100", "99")


def test_corrections_form_a_chain_that_keeps_every_old_number(office: Office) -> None:
    switch_on(office)
    late_case(office)
    frozen(office)
    put_right(office, K.RED, "-2", "0")
    assert (line(office).total, line(office).computed) == (100, 98)
    put_right(office, K.RED, "0", "-0.5", by=office.clerk2)
    put_right(office, None, "99.5", "95")
    put_right(office, K.RED, "-0.5", "-2")
    found = line(office)
    assert (found.total, found.cell(K.RED).points, found.cell(K.RED).computed) == (
        D("93.5"), -2, -2
    )  # fmt: skip
    rows = seen(office).corrections
    assert [(r.kind, r.old_value, r.new_value) for r in rows] == [
        (K.RED, -2, 0), (K.RED, 0, D("-0.5")), (None, D("99.5"), 95), (K.RED, D("-0.5"), -2)
    ]  # fmt: skip
    assert rows[1].by == office.clerk2
    assert [u.name for _place, u in seen(office).lines][-1] == "不动产登记窗口"


def test_correction_of_a_number_that_is_no_more_is_refused(office: Office) -> None:
    switch_on(office)
    late_case(office)
    frozen(office)
    put_right(office, K.RED, "-2", "0")
    with refused(Code.STALE):
        put_right(office, K.RED, "-2", "-1")
    for kind, old, new in ((K.RED, "0", "0"), (None, "100", "-1")):
        with refused(Code.FIELD_INVALID):
            put_right(office, kind, old, new)
    assert db.session.query(ScoreCorrection).count() == 1


def test_unit_alone_sees_its_own_line_and_remarks(office: Office) -> None:
    switch_on(office)
    late_case(office)
    late_case(office, "tax")
    frozen(office)
    put_right(office, None, "98", "97")
    whole = seen(office)
    own = whole.of_unit(office.units["tax"].id)
    assert ([u.name for u in own.units], list(own.corrections)) == (["税务窗口"], [])
    assert len(whole.of_unit(office.units["land"].id).corrections) == 1


# -- two at once --------------------------------------------------------------------------------


def test_two_clerks_freeze_at_once_and_one_sheet_is_there(app: Flask, session: Any) -> None:
    office = make_office()
    switch_on(office)
    late_case(office)
    db.session.commit()
    site_id, clerks = office.site.id, [office.clerk.id, office.clerk2.id]
    db.session.rollback()
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def go(clerk: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with unit_of_work():
                    hold(site_id)
                    freeze_now(site_id, clerk)
                outcomes.append("frozen")
            except Refusal as refusal:
                outcomes.append(refusal.code.value)
            db.session.remove()

    threads = [threading.Thread(target=go, args=(clerk,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_done", "frozen"]
    assert db.session.query(ScoreSheet).count() == 1


def freeze_now(site_id: int, clerk: int) -> None:
    by = db.session.get_one(Account, clerk)
    site = db.session.query(Unit).filter(Unit.site_id == site_id).first().site
    sheet = sheet_of(site, period=named(OCTOBER, now=AFTER))
    freeze(site_id=site_id, month=DAY, scheme=sheet.scheme, counted=sheet.units, by=by, now=AFTER)
