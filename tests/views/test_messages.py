"""Every refusal has a sentence in Chinese that says what to do, with or without its facts."""

import datetime as dt
import re

import pytest
from flask import Flask

from app.clock import OFFICE_ZONE
from app.domain.calendar_parts import CalendarError, CalendarProblem
from app.domain.intake import CATEGORY_FIELDS
from app.domain.refusals import Code, Refusal
from app.domain.states import Action, Half, Role, State
from app.domain.workflow import TABLE
from app.fab.problems import explain
from app.views.field_words import FIELDS
from app.views.messages import CALENDAR_SENTENCES, SENTENCES, due_text, near_text, sentence
from tests.views.pages import LATIN

# Sentences need no database at all.
pytestmark = pytest.mark.sqlite_only
ENGLISH = re.compile(r"[A-Za-z%_]")
# Kinds of files are called by their names.
KINDS_OF_FILES = re.compile("|".join(sorted({*LATIN, "Office", "doc", "xls"}, key=len)[::-1]))
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NOON = dt.datetime(2026, 10, 15, 12, tzinfo=OFFICE_ZONE)
FACTS = {
    "action": Action.SIGN, "state": State.HANDLING, "cap": 7, "total": 5, "left": 2, "asked": 3,
    "until": NOON, "after": NOON, "due": NOON, "unit": "医保窗口", "present": 2, "members": 6,
    "rounds": 2, "last": 9, "half": Half.AM, "role": Role.SYS_ADMIN, "least": 10,
    "field": "narrative", "fields": ["phone", "item_name"],
}  # fmt: skip


@pytest.fixture
def chinese(app: Flask):
    with app.test_request_context("/"):
        yield


def test_every_code_and_problem_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Code)
    assert set(CALENDAR_SENTENCES) == set(CalendarProblem)


def test_every_field_of_the_workflow_has_its_word() -> None:
    named = {name for line in TABLE for name in line.fields}
    named |= {name for names in CATEGORY_FIELDS.values() for name in names}
    assert named <= set(FIELDS)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("code", Code)
def test_sentence_is_chinese_with_and_without_facts(code: Code) -> None:
    known = {name: "三" for name in PLACEHOLDER.findall(str(SENTENCES[code]))} | FACTS
    for facts in ({}, known):
        words = sentence(Refusal(code, **facts))
        assert not ENGLISH.search(KINDS_OF_FILES.sub("", words)), words
        assert words.endswith("。")
    assert "—" not in sentence(Refusal(code, **known))


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("problem", CalendarProblem)
def test_calendar_problem_is_told_by_its_own_sentence(problem: CalendarProblem) -> None:
    assert not ENGLISH.search(sentence(CalendarError(problem)))


@pytest.mark.usefixtures("chinese")
def test_cap_reads_as_the_office_writes_it() -> None:
    words = sentence(Refusal(Code.EXTENSION_CAP, cap=7, total=5, left=2, field="days"))
    assert words == ("延期累计不得超过7个工作日，本事项已延期5个工作日，最多还可延期2个工作日。")


@pytest.mark.usefixtures("chinese")
def test_refusal_stands_beside_its_field_in_any_form() -> None:
    problem = explain(Refusal(Code.DUE_IN_PAST, field="new_due_at"))
    assert (problem.text, problem.field) == ("时间须晚于现在。", "new_due_at")
    missing = explain(Refusal(Code.FIELDS_MISSING, fields=["phone"]))
    assert (missing.text, missing.field) == ("必填项", "phone")


@pytest.mark.usefixtures("chinese")
def test_times_are_said_as_one_says_them() -> None:
    assert due_text(NOON) == "2026年10月15日12时"
    assert near_text(NOON, NOON) == "今日12时"
    assert near_text(NOON, NOON - dt.timedelta(days=3)) == "10月15日12时"
    assert near_text(NOON.replace(year=2027), NOON) == "2027年10月15日12时"
