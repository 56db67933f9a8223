"""`report indicators` and `report monthly`: what they print, as of when, and how they refuse."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.cli.report import commands
from app.cli.report_indicators import IDS
from app.domain.indicators import CATALOGUE
from app.domain.states import EvalLevel
from app.extensions import db
from app.models import Unit
from app.reports.indicators import values
from app.reports.period import named
from app.reports.scope import Scope
from tests.factories import Office, at, make_office

MONTH = ("--from", "2026-10-01", "--to", "2026-10-31")
# domain/2.3, and the five that are asked for beside it.
TABLE = """
    accept_cnt consult_cnt oos_rate same_day_rate sign_rate response_rate finish_rate ontime_rate
    ontime_noext_rate overdue_rate achieved_rate solved_rate satisfy_rate eval_rate bad_rate
    bad_fix_rate callback_rate ext_rate ext_avg return_rate redo_rate repeat_rate escal_rate
    avg_hours total_days duty_rate supervise_cnt
    category_1 category_2 category_3 category_4 oos_cnt
"""
Run = Callable[..., Result]


@pytest.fixture
def office(session: object) -> Office:
    office = make_office()
    case = office.sign(office.dispatch(office.submit(office.draft())))
    office.rate(office.confirm(office.resolve(case)), EvalLevel.BAD)
    office.dispatch(office.submit(office.draft()), lead="tax")
    db.session.commit()
    return office


@pytest.fixture
def run(app: Flask, office: Office) -> Run:
    def call(*words: str) -> Result:
        return app.test_cli_runner().invoke(commands, list(words))

    return call


def numbers(run: Run, *words: str) -> dict[str, Any]:
    result = run("indicators", *MONTH, *words, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_prints_exactly_the_ids_each_with_n_and_d(run: Run, office: Office) -> None:
    now = at("2026-11-02 09:00")
    found = numbers(run, "--now", "2026-11-02T09:00")
    assert set(found) == set(TABLE.split()) == set(IDS)
    with db.session.no_autoflush:
        wanted = values(CATALOGUE, period=named("2026-10", now=now), scope=Scope())
    assert found == {key: {"n": wanted[key].n, "d": wanted[key].d} for key in IDS}
    assert found["accept_cnt"] == {"n": 2, "d": None}
    assert found["ontime_rate"] == {"n": 1, "d": 2}
    assert found["bad_fix_rate"] == {"n": 0, "d": 0}
    assert set(numbers(run, "--all")) == set(CATALOGUE)


def test_past_day_is_asked_with_now(run: Run) -> None:
    def asked(time: str) -> Any:
        found = numbers(run, "--now", time)
        return [found[key]["n"] for key in ("accept_cnt", "finish_rate", "bad_rate")]

    assert asked("2026-10-12T09:05") == [0, 0, 0]
    assert asked("2026-10-12T09:10") == [2, 0, 0]
    assert asked("2026-10-12T02:29:59Z") == [2, 0, 0]
    assert asked("2026-10-12T10:30") == [2, 1, 0]
    assert asked("2026-10-13T09:00+08:00") == [2, 1, 1]


def test_days_are_inclusive(run: Run) -> None:
    for first, last, n in (("12", "12", 2), ("13", "13", 0), ("01", "12", 2), ("01", "11", 0)):
        days = ("--from", f"2026-10-{first}", "--to", f"2026-10-{last}")
        result = run("indicators", *days, "--json")
        assert json.loads(result.stdout)["accept_cnt"]["n"] == n


def test_site_and_unit_by_name_or_number(run: Run, office: Office) -> None:
    tax = office.units["tax"]
    by_name = numbers(run, "--site", office.site.name, "--unit", tax.name)
    assert by_name == numbers(run, "--site", "1", "--unit", str(tax.id))
    assert by_name["accept_cnt"] == {"n": 1, "d": None}
    assert by_name["duty_rate"] == by_name["consult_cnt"] == {"n": None, "d": None}


def test_table_is_for_reading(run: Run) -> None:
    result = run("indicators", *MONTH, "--now", "2026-11-02T09:00")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "时限" in lines
    assert any("按时办结率" in line and "50.00%　1/2" in line for line in lines)
    assert any("差评整改率" in line and "—　0/0" in line for line in lines)


REFUSED = (
    (("--from", "2026-10-32", "--to", "2026-10-31"), "日期应写作2026-10-01"),
    (("--from", "20261001", "--to", "2026-10-31"), "日期应写作2026-10-01"),
    (("--from", "2026-10-01", "--to", "昨天"), "日期应写作2026-10-01"),
    (("--from", "2026-10-31", "--to", "2026-10-01"), "晚于截止日期"),
    ((*MONTH, "--site", "无此处"), "没有服务场所“无此处”"),
    ((*MONTH, "--unit", "999"), "没有窗口（科室）“999”"),
    ((*MONTH, "--now", "昨天"), "时间应写作"),
    ((*MONTH, "--now", "0001-01-01T00:00"), "时间应写作"),
)


@pytest.mark.parametrize(("words", "sentence"), REFUSED)
def test_refusals_are_chinese_on_stderr(run: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run("indicators", *words, "--json")
    assert result.exit_code != 0
    assert result.stdout == ""
    assert sentence in result.stderr


def test_name_of_two_sites_asks_for_the_site(run: Run, office: Office) -> None:
    other = make_office(2)
    db.session.commit()
    result = run("indicators", *MONTH, "--unit", "税务窗口", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "请用 --site 指明" in result.stderr
    assert numbers(run, "--unit", "税务窗口", "--site", "2")["accept_cnt"]["n"] == 0
    here = db.session.get_one(Unit, office.units["tax"].id)
    result = run("indicators", *MONTH, "--unit", str(here.id), "--site", other.site.name)
    assert "不在服务场所" in result.stderr
