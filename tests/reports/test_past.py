"""Every move that overwrites something: an office asked for each past instant is as it was then."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

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
)
from app.domain.indicators import CATALOGUE
from app.domain.states import (
    CallOutcome,
    ComplexGround,
    ContactMode,
    DecisionType,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultType,
    SolvedLevel,
    State,
    Verdict,
)
from app.extensions import db
from app.models import (
    Callback,
    Case,
    Contact,
    Evaluation,
    Extension,
    Result,
    ReturnRequest,
    Slip,
)
from app.reports.indicators import by_unit, values
from app.reports.past import as_of
from app.reports.period import named
from app.reports.rankings import frequencies
from app.reports.scope import Scope
from tests.factories import Office, at, make_office

Step = tuple[str, Callable[[Case, dt.datetime], object]]
LONG = LimitClass.THREE_DAYS
LOOKED_AT, COUNTED = 3, 12  # every third move is looked at again, every twelfth is counted
OF_UNITS = ("accept_cnt", "ontime_rate", "achieved_rate")


@pytest.fixture
def office(session: object) -> Office:
    return make_office()


class Courses:
    """The courses of the cases, each a list of (time, what is done to the case then)."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def all(self) -> Iterator[list[Step]]:
        for name in sorted(vars(type(self))):
            if name.startswith("case_"):
                yield list(getattr(self, name)())

    def start(self, day: str, *, limit: LimitClass = LimitClass.ONE_DAY) -> list[Step]:
        o = self.office
        return [
            (f"{day} 09:10", lambda c, now: o.submit(c, now=now)),
            (f"{day} 09:20", lambda c, now: o.dispatch(c, limit=limit, now=now)),
            (f"{day} 10:00", lambda c, now: o.sign(c, now=now)),
        ]

    def done(self, *times: str) -> list[Step]:
        o, (resolved, confirmed) = self.office, times
        return [
            (resolved, lambda c, now: o.resolve(c, now=now)),
            (confirmed, lambda c, now: o.confirm(c, now=now)),
        ]

    def rated(self, time: str, level: EvalLevel = EvalLevel.GOOD, age: int = 0) -> Step:
        def rate(case: Case, now: dt.datetime) -> object:
            return evaluation.evaluate(
                case, level=level, solved=SolvedLevel.SOLVED, channel=EvalChannel.PAPER,
                evaluated_at=now - dt.timedelta(hours=age), by=self.office.officer, now=now,
            )  # fmt: skip

        return time, rate

    def ruled(self, time: str, verdict: Verdict = Verdict.JUSTIFIED) -> Step:
        return time, lambda c, now: self.office.verify(c, verdict, now=now)

    def extended(self, days: int, asked: str, granted: str) -> list[Step]:
        o = self.office
        return [
            (asked, lambda c, now: extensions.apply_extension(
                c, days=days, reason="需省厅批复", work_done="已报", by=o.head_of(c), now=now)),
            (granted, lambda c, now: extensions.approve_extension(
                c, days=days, opinion="同意", by=o.leader, now=now)),
        ]  # fmt: skip

    def back(self, time: str) -> Step:
        return time, lambda c, now: returns.request_return(
            c, reason="非本单位职责", suggest_unit_id=self.office.units["tax"].id,
            by=self.office.head_of(c), now=now,
        )  # fmt: skip

    def case_released(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            self.back("2026-10-12 10:20"),
            ("2026-10-12 11:00", lambda c, now: returns.release(
                c, reason="同意", by=o.clerk, now=now)),
            ("2026-10-12 14:00", lambda c, now: o.dispatch(c, lead="build", now=now)),
            ("2026-10-12 14:10", lambda c, now: o.sign(c, now=now)),
            *self.done("2026-10-13 09:30", "2026-10-13 16:30"),
        ]  # fmt: skip

    def case_reassigned(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            self.back("2026-10-12 10:21"),
            ("2026-10-12 15:01", lambda c, now: returns.reassign(
                c, lead_unit_id=o.units["tax"].id, by=o.clerk, now=now)),
        ]  # fmt: skip

    def case_extended_late(self) -> list[Step]:
        return [
            *self.start("2026-10-12"),
            *self.extended(3, "2026-10-14 09:00", "2026-10-14 10:00"),
            *self.done("2026-10-15 09:00", "2026-10-15 10:00"),
            self.rated("2026-10-15 11:00", EvalLevel.BAD),
            self.ruled("2026-10-15 14:00"),
            *self.done("2026-10-16 09:00", "2026-10-16 10:00"),
            self.rated("2026-10-16 11:00", EvalLevel.VERY_GOOD),
        ]  # fmt: skip

    def case_before_the_group(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            ("2026-10-14 10:00", lambda c, now: group.escalate(
                c, by=o.leader, now=now, reason="多家推诿")),
            ("2026-10-15 09:10", lambda c, now: o.decide(
                c, met=now - dt.timedelta(minutes=10), due=at("2026-10-20 17:00"), now=now,
                lead_unit_id=o.units["build"].id)),
            ("2026-10-15 15:00", lambda c, now: group.confirm_decision(c, by=o.chief, now=now)),
            ("2026-10-15 15:30", lambda c, now: o.sign(c, now=now)),
            *self.done("2026-10-19 09:00", "2026-10-19 10:00"),
        ]  # fmt: skip

    def case_answered_for_good(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12", limit=LONG),
            *self.extended(2, "2026-10-14 09:00", "2026-10-14 10:00"),
            ("2026-10-14 11:00", lambda c, now: group.escalate(
                c, by=o.leader, now=now, reason="依法不能办")),
            ("2026-10-15 09:40", lambda c, now: o.decide(
                c, met=now - dt.timedelta(minutes=10), due=None, now=now,
                decision_type=DecisionType.FINAL_ANSWER)),
            ("2026-10-15 15:05", lambda c, now: group.confirm_decision(c, by=o.chief, now=now)),
            ("2026-10-16 09:05", lambda c, now: o.confirm(c, now=now)),
        ]  # fmt: skip

    def case_withdrawn(self) -> list[Step]:
        withdraw = lambda c, now: closing.withdraw(  # noqa: E731
            c, reason="已办好", proof="来电", by=self.office.officer, now=now
        )
        return [*self.start("2026-10-12"), ("2026-10-14 09:45", withdraw)]

    def case_merged(self) -> list[Step]:
        other = lambda: db.session.scalar(select(func.min(Case.id)))  # noqa: E731
        return [
            ("2026-10-12 09:11", lambda c, now: self.office.submit(c, now=now)),
            ("2026-10-12 09:31", lambda c, now: dispatch.merge(
                c, target_id=other(), reason="同一事项", by=self.office.clerk, now=now)),
        ]  # fmt: skip

    def case_refused(self) -> list[Step]:
        o = self.office
        return [
            ("2026-10-12 09:12", lambda c, now: o.submit(c, now=now)),
            ("2026-10-12 10:30", lambda c, now: dispatch.reject_late(
                c, ground=o.ground.id, legal_basis="条例", explain_text="已解释",
                referred_to="信访局", informed_by="值班", informed_at=now, by=o.clerk, now=now)),
        ]  # fmt: skip

    def case_on_the_spot(self) -> list[Step]:
        o = self.office
        return [
            ("2026-10-12 09:25", lambda c, now: intake.resolve_on_spot(
                c, lead_unit_id=o.units["tax"].id, unit_person="丁", now=now, by=o.officer,
                result_type=ResultType.SOLVED, handling_note="已办", reply_text="已办")),
            ("2026-10-12 15:10", lambda c, now: o.confirm(c, now=now)),
        ]  # fmt: skip

    def case_reopened(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            *self.done("2026-10-12 11:00", "2026-10-12 15:00"),
            ("2026-10-20 09:00", lambda c, now: evaluation.call_back(
                c, outcome=CallOutcome.NO_ANSWER, called_at=now, by=o.officer, now=now)),
            ("2026-10-20 09:30", lambda c, now: evaluation.call_back(
                c, outcome=CallOutcome.REACHED, called_at=at("2026-10-20 09:15"),
                by=o.officer, now=now)),
            ("2026-10-20 10:00", lambda c, now: evaluation.close_unrated(
                c, by=o.officer, now=now)),
            ("2026-10-22 09:00", lambda c, now: closing.reopen(
                c, reason="又不行了", by=o.clerk, now=now)),
            *self.done("2026-10-23 09:00", "2026-10-23 10:00"),
        ]  # fmt: skip

    def case_ruled_away(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            *self.done("2026-10-12 11:05", "2026-10-12 15:05"),
            self.rated("2026-10-13 09:05", EvalLevel.BAD, age=16),
            self.ruled("2026-10-13 10:05", Verdict.MISTAKEN),
            ("2026-10-13 11:05", lambda c, now: evaluation.approve_verdict(
                c, agreed=True, opinion="同意", by=o.leader, now=now)),
        ]  # fmt: skip

    def case_sent_back(self) -> list[Step]:
        o = self.office

        def contact(reached: bool, old: int) -> Any:
            return lambda c, now: handling.contact(
                c, contacted_at=now - dt.timedelta(minutes=old), mode=ContactMode.PHONE,
                note="已说", is_reached=reached, by=o.head_of(c), now=now,
            )  # fmt: skip

        return [
            *self.start("2026-10-12"),
            ("2026-10-12 10:10", contact(False, 5)),
            ("2026-10-13 09:00", contact(True, 1000)),
            ("2026-10-13 11:00", lambda c, now: o.resolve(c, now=now)),
            ("2026-10-13 14:00", lambda c, now: closing.send_back(
                c, reason="不完整", by=o.clerk, now=now)),
            ("2026-10-13 15:10", lambda c, now: o.explain(c, now=now)),
            ("2026-10-13 15:15", lambda c, now: handling.ask_class(
                c, complex_grounds=[ComplexGround.MANY_UNITS], reason="涉及三家",
                by=o.head_of(c), now=now)),
            ("2026-10-13 15:20", lambda c, now: handling.change_class(
                c, complex_grounds=[ComplexGround.MANY_UNITS], by=o.clerk, now=now)),
            *self.done("2026-10-14 16:00", "2026-10-15 09:20"),
        ]  # fmt: skip

    def case_corrected(self) -> list[Step]:
        o = self.office
        return [
            *self.start("2026-10-12"),
            ("2026-10-13 09:50", lambda c, now: corrections.correct(
                c, field="item_name", new_value="生育登记", reason="记错", by=o.clerk, now=now)),
        ]  # fmt: skip


def facts() -> list[Any]:
    """What the cases and their rows say, as the figures read them."""
    return [
        sorted(db.session.execute(select(*columns)).all(), key=str)
        for columns in (
            (Case.id, Case.state, Case.round_no, Case.ledger_no, Case.is_ledger_void,
             Case.is_repeat, Case.item_name, Case.first_dispatched_at, Case.lead_unit_id,
             Case.first_contact_at, Case.escalated_at, Case.finished_at, Case.first_finished_at,
             Case.eval_until, Case.is_extended_late),
            (Slip.id, Slip.is_void, Slip.signed_at),
            (Result.id, Result.status),
            (Evaluation.id, Evaluation.verdict, Evaluation.verified_at, Evaluation.approved_at),
            (Callback.id,), (Contact.id,),
            (Extension.id, Extension.status, Extension.days_granted),
            (ReturnRequest.id, ReturnRequest.status),
        )
    ]  # fmt: skip


def figures(now: dt.datetime) -> dict[str, Any]:
    period = named("2026-10", now=now)
    return {
        **values(CATALOGUE, period=period, scope=Scope()),
        "units": by_unit(OF_UNITS, period=period, scope=Scope()),
        "item": frequencies("item", period=period, scope=Scope()),
    }


def test_every_past_instant_is_what_it_was(office: Office) -> None:
    cases: dict[int, int] = {}
    steps: list[Any] = []
    for number, course in enumerate(Courses(office).all()):
        registered = at("2026-10-12 09:00") + dt.timedelta(seconds=number)
        steps.append((registered, number, None))
        steps += [(at(time), number, play) for time, play in course]
    steps.sort(key=lambda step: step[:2])
    told: dict[dt.datetime, Any] = {}
    for now, number, play in steps:
        if play is None:
            cases[number] = office.draft(now=now).id
        else:
            play(db.session.get_one(Case, cases[number]), now)
        db.session.flush()
        told.pop(now, None)  # somebody else moved in the same minute: asked after both
        place = steps.index((now, number, play))
        if place % LOOKED_AT == 0:
            told[now] = (facts(), figures(now)) if place % COUNTED == 0 else facts()
    for now, then in told.items():
        with as_of(now):
            asked = (facts(), figures(now)) if isinstance(then, tuple) else facts()
        differ = [pair for pair in zip(asked, then, strict=True) if pair[0] != pair[1]]
        assert not differ, now
    states = set(db.session.scalars(select(Case.state)))
    assert states > {State.WITHDRAWN, State.MERGED, State.REJECTED, State.TO_EVALUATE}
