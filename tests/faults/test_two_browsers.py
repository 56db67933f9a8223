"""Two browsers edit, approve and confirm the same case at once: one wins, the other is told."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask

from app.actions import extensions
from app.domain.states import LimitClass, State
from app.extensions import db
from app.models import Case
from app.unit_of_work import unit_of_work
from tests.factories import Office, at
from tests.faults.desk import open_office, orders_for, serving
from tests.faults.hands import Answer, Hands
from tests.faults.journal import Deed, Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times

ROUNDS = times("rounds", 20)
LATE_MORNING = at("2026-10-12 11:00")
CHINESE = re.compile("[一-鿿]{6}")

Tell = Callable[[Outcome], Outcome]


@dataclass(frozen=True)
class Contest:
    """What two browsers do at once: the people, where, and what each types."""

    kind: str
    who: tuple[str, str]
    make: Callable[[Office], Case]
    path: str
    text_field: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def extension_asked(office: Office) -> Case:
    """Return a case whose unit asked for three days."""
    case = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS)
    extensions.apply_extension(
        case, days=3, reason="需报上级", work_done="已发函", by=office.land_head,
        now=at("2026-10-12 10:00"),
    )  # fmt: skip
    return case


EDIT = Contest(
    "edit", ("officer", "officer2"), lambda office: office.draft(), "/intake/{}", "narrative",
    {"end": "draft"},
)  # fmt: skip
APPROVE = Contest(
    "approve", ("leader", "leader"), extension_asked, "/case/{}/move/approve_extension", "opinion",
    {"days": "2"},
)  # fmt: skip
CONFIRM = Contest(
    "confirm", ("leader", "leader"), lambda office: office.case_in(State.TO_CONFIRM),
    "/case/{}/move/confirm",
)  # fmt: skip


def at_once(contest: Contest, hands: tuple[Hands, Hands], case_id: int) -> list[tuple[str, Answer]]:
    """Let both open the form, then both send it at the same moment."""
    path, start = contest.path.format(case_id), Barrier(2)
    xpath = "//form[.//*[@name='narrative']]" if contest is EDIT else ""

    def one(n: int) -> tuple[str, Answer]:
        form = hands[n].patient_form(path, xpath)
        assert form is not None, path
        text = f"{case_id}：第{n + 1}个浏览器写下的经过"
        typed = {contest.text_field: text} if contest.text_field else {}
        # An edit is found by its text; a decision by its case, whoever made it.
        deed = Deed(contest.kind, text if contest is EDIT else str(case_id))
        start.wait(timeout=60)
        return text, hands[n].do(deed, form, **contest.fields, **typed)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def judge_round(contest: Contest, answers: list[tuple[str, Answer]], outcome: Outcome) -> None:
    """One won; the other reads why in Chinese, with the own text still there."""
    winners = [text for text, answer in answers if answer.is_done]
    if len(winners) != 1:
        (outcome.doubled if winners else outcome.missing).append(f"{contest.kind}: {winners}")
    for text, answer in answers:
        if answer.is_done:
            continue
        said = answer.status in (409, 422) and CHINESE.search(answer.text)
        if not said or (contest.text_field and text not in answer.text):
            outcome.half_done.append(f"{contest.kind}: the other one read {answer.status}")


def contests(
    app: Flask, folder: Path, journal: Journal, kinds: tuple[Contest, ...], *, off: tuple[str, ...]
) -> Outcome:
    """Let two browsers meet on so many cases of each kind."""
    office = open_office(LATE_MORNING)
    with unit_of_work():
        pairs = [(kind, kind.make(office)) for kind in kinds for _ in range(ROUNDS)]
    rounds = [(kind, case.id) for kind, case in pairs]
    db.session.rollback()
    answers = []
    with serving(orders_for(app, folder, LATE_MORNING, workers=2, off=list(off))) as server:
        people: dict[tuple[str, str], tuple[Hands, Hands]] = {}
        for kind in kinds:
            people[kind.who] = Hands(server.port, journal), Hands(server.port, journal)
            for hands, name in zip(people[kind.who], kind.who, strict=True):
                hands.log_in(f"{name}-1")
        for kind, case_id in rounds:
            answers.append((kind, at_once(kind, people[kind.who], case_id)))
    outcome = compare("two browsers at once", journal, times=len(rounds), is_guarded=not off)
    for kind, given in answers:
        judge_round(kind, given, outcome)
    return outcome


def test_one_wins_and_the_other_is_told(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(contests(app, tmp_path, journal, (EDIT, APPROVE, CONFIRM), off=()))
    assert outcome.wrong == []
    assert outcome.acknowledged == 3 * ROUNDS


@pytest.mark.sqlite_only
def test_without_the_version_both_win(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(contests(app, tmp_path, journal, (EDIT,), off=("version",)))
    assert outcome.doubled != []
    assert outcome.missing != []  # what the first one wrote is gone, though it was acknowledged
