"""The cases of the file as steps: what the file gives, and the course's own words beside it."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from app.actions import (
    closing,
    corrections,
    dispatch,
    evaluation,
    extensions,
    group,
    handling,
    intake,
    returns,
    supervision,
)
from app.actions.moves import lock_case
from app.demo import cast
from app.demo.arguments import arguments_of
from app.demo.data import moment, read_json
from app.demo.from_file import FROM_FILE, facts_of
from app.demo.office import Office
from app.demo.replay import Step
from app.domain.states import CallOutcome
from app.models import Account, Case, Supervision, Unit

MOVES: dict[str, Callable[..., object]] = {
    "submit": intake.submit,
    "dispatch": dispatch.dispatch,
    "sign": handling.sign,
    "sign_co": handling.sign_co,
    "co_reply": handling.co_reply,
    "contact": handling.contact,
    "explain": handling.explain,
    "request_return": returns.request_return,
    "release": returns.release,
    "apply_extension": extensions.apply_extension,
    "comment_extension": extensions.comment_extension,
    "approve_extension": extensions.approve_extension,
    "escalate": group.escalate,
    "record_decision": group.record_decision,
    "confirm_decision": group.confirm_decision,
    "resolve": handling.resolve,
    "confirm": closing.confirm,
    "evaluate": evaluation.evaluate,
    "close_unrated": evaluation.close_unrated,
    "verify": evaluation.verify,
    "approve_verdict": evaluation.approve_verdict,
    "withdraw": closing.withdraw,
    "supervise": supervision.supervise,
    "mark_typical": corrections.mark_typical,
}
CALLED_BEFORE = dt.timedelta(minutes=3)  # a rating by telephone is entered after the call
READ_AFTER = {"head": dt.timedelta(minutes=25), "leader": dt.timedelta(minutes=40)}


def case_steps(office: Office) -> Iterator[Step]:
    """Yield the steps of every case of the file."""
    courses = read_json("courses.json")
    for record in read_json("sample_cases.json")["cases"]:
        yield from Course(office, record).steps(courses[record["id"]])


class Course:
    """One case of the file, and its row once it is registered."""

    def __init__(self, office: Office, record: dict[str, Any]) -> None:
        self.office, self.record = office, record
        self.case_id = 0

    def steps(self, lines: list[dict[str, Any]]) -> Iterator[Step]:
        """Yield the steps of the lines, with the calls and read marks that go with a rating."""
        for line in lines:
            at = self._time(line["at"])
            yield Step(at, partial(self._play, line, at))
            if line["do"] == "evaluate":
                yield from self._around_rating(line, at)

    def _time(self, text: str) -> dt.datetime:
        """Return a time written out, or the one the file has under that name."""
        if text[0].isdigit():
            return moment(text)
        value: Any = self.record
        for name in text.split("."):
            value = value[name]
        return moment(value)

    def _around_rating(self, line: dict[str, Any], at: dt.datetime) -> Iterator[Step]:
        if line["channel"] == "电话回访":
            yield Step(at - CALLED_BEFORE, partial(self._call_back, line, at - CALLED_BEFORE))
        for who in line.get("read", ["head", "leader"]):
            when = at + READ_AFTER[who]
            yield Step(when, partial(self._read, who, when))

    def _play(self, line: dict[str, Any], at: dt.datetime) -> None:
        if line["do"] == "register":
            self._register(line, at)
            return
        case = lock_case(self.case_id)
        by = self._actor(line, case, at)
        if line["do"] in ("feedback", "close_supervision"):
            _follow_up(line, case, by, at)
            return
        given = FROM_FILE.get(line["do"], _nothing)(self.record, case, line, self.office)
        given |= arguments_of(line, office=self.office, at=at)
        if line["do"] == "contact":
            given["contacted_at"] = at
        MOVES[line["do"]](case, by=by, now=at, **given)

    def _register(self, line: dict[str, Any], at: dt.datetime) -> None:
        facts = facts_of(self.record) | arguments_of(line, office=self.office, at=at)
        by = cast.find(line.get("by", "desk"), office=self.office, at=at, unit=None)
        case = intake.register(site_id=self.office.site_id, facts=facts, by=by, now=at)
        self.case_id = case.id

    def _actor(self, line: dict[str, Any], case: Case, at: dt.datetime) -> Account:
        unit: Unit | None = self.office.unit(line["of"]) if "of" in line else case.lead_unit
        who = line.get("by", cast.usual(line["do"]))
        return cast.find(who, office=self.office, at=at, unit=unit)

    def _call_back(self, line: dict[str, Any], at: dt.datetime) -> None:
        case = lock_case(self.case_id)
        given = FROM_FILE["evaluate"](self.record, case, line, self.office)
        by = cast.find("desk", office=self.office, at=at, unit=None)
        evaluation.call_back(
            case, outcome=CallOutcome.REACHED, called_at=at, unit_made_contact=True,
            solved=given["solved"], opinion=line["opinion"], by=by, now=at,
        )  # fmt: skip

    def _read(self, who: str, at: dt.datetime) -> None:
        case = lock_case(self.case_id)
        by = cast.find(who, office=self.office, at=at, unit=case.lead_unit)
        evaluation.read_evaluation(case, by=by, now=at)


def _nothing(*_: object) -> dict[str, Any]:
    return {}


def _follow_up(line: dict[str, Any], case: Case, by: Account, at: dt.datetime) -> None:
    """Answer or close the latest measure on the case that still waits for it."""
    waits = [
        row
        for row in case.supervisions
        if (row.feedback_at if line["do"] == "feedback" else row.closed_at) is None
    ]
    row: Supervision = max(waits, key=lambda r: r.id)
    if line["do"] == "feedback":
        supervision.give_feedback(row, feedback=line["feedback"], by=by, now=at)
    else:
        supervision.close_supervision(row, note=line["note"], by=by, now=at)
