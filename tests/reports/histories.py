"""Random small histories of cases, written as rows: every order of times, every odd combination."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select

from app.domain.states import (
    CallOutcome,
    Category,
    ContactMode,
    EvalChannel,
    EvalLevel,
    Half,
    LimitClass,
    ReceptionOutcome,
    RequestStatus,
    ResultStatus,
    ResultType,
    SlipKind,
    SolvedLevel,
    Source,
    State,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)
from app.extensions import db
from app.models import (
    Callback,
    Case,
    Contact,
    Evaluation,
    Extension,
    GroupReview,
    LeaderVisit,
    Reception,
    Rejection,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)
from tests.factories import Office, at

NOW = at("2026-11-13 10:00")
# The edges of months, of days and of business: where a wrong < or <= shows.
EDGES = tuple(
    at(text)
    for text in (
        "2026-09-30 23:59", "2026-10-01 00:00", "2026-10-12 09:00", "2026-10-12 11:00",
        "2026-10-12 12:00", "2026-10-12 12:30", "2026-10-12 15:00", "2026-10-12 17:00",
        "2026-10-13 10:00", "2026-10-31 23:59", "2026-11-01 00:00", "2026-11-13 10:00",
    )
)  # fmt: skip
START, SPAN = at("2026-09-15 00:00"), 62 * 24 * 60  # minutes
STEPS = (0, 1, 30, 60, 120, 121, 240, 480, 1440, 4320, 14400)
KEPT = (State.TO_CONFIRM, State.TO_EVALUATE, State.REDO, State.ARCHIVED)
ORDER = (
    Case, Slip, ReturnRequest, Result, Evaluation, Callback, Contact, Extension, GroupReview,
    Supervision, Reception, Rejection, LeaderVisit,
)  # fmt: skip


class Histories:
    """The offices of a database and the dice; rows are written a table at a time."""

    def __init__(self, office: Office | Sequence[Office], seed: int) -> None:
        self.offices = [office] if isinstance(office, Office) else list(office)
        self.dice, self.rows = random.Random(seed), {model: [] for model in ORDER}
        self.last = {m: db.session.scalar(select(func.max(m.id))) or 0 for m in ORDER}
        self.pick(self.offices)

    def pick(self, offices: Sequence[Office]) -> None:
        """Choose whose the next rows are."""
        self.office = self.dice.choice(offices)
        self.by, self.site = self.office.officer.id, self.office.site.id
        self.units = [self.office.units[key].id for key in ("land", "build", "tax")]

    def add(self, model: type[Any], **values: Any) -> dict[str, Any]:
        """Note a row down and return it with its key."""
        self.last[model] += 1
        row = {"id": self.last[model], **values}
        self.rows[model].append(row)
        return row

    def moment(self, after: dt.datetime | None = None) -> dt.datetime:
        if after is not None and self.dice.random() < 0.7:
            return after + dt.timedelta(minutes=self.dice.choice(STEPS))
        if self.dice.random() < 0.4:
            return self.dice.choice(EDGES)
        return START + dt.timedelta(minutes=self.dice.randrange(SPAN))

    def perhaps(self, moment: dt.datetime, chance: float = 0.7) -> dt.datetime | None:
        return moment if self.dice.random() < chance else None

    def fill(self, cases: int) -> None:
        """Write so many cases and what comes beside them."""
        for _each in range(cases):
            self.pick(self.offices)
            self.case()
        for _each in range(cases // 4):
            self.pick(self.offices)
            self.beside()
        for office in self.offices:
            self.pick([office])
            self.visits()
        for model, rows in self.rows.items():
            if rows:
                db.session.execute(insert(model), rows)
            self.rows[model] = []
        db.session.expire_all()

    def case(self) -> None:
        pick, chance = self.dice.choice, self.dice.random
        registered = self.moment()
        dispatched = self.perhaps(self.moment(registered), 0.9)
        finished = self.perhaps(self.moment(dispatched))
        first_due = self.perhaps(self.moment(dispatched), 0.9)
        number = self.last[Case] + 1
        state = pick(KEPT) if chance() < 0.4 else pick(list(State))
        case = self.add(
            Case,
            site_id=self.site, state=state, round_no=pick((1, 1, 1, 2, 3)),
            ledger_no=pick((f"2026-{number:04d}", f"2026-{number:04d}", None)),
            is_ledger_void=chance() < 0.1, category=pick((*Category, None)),
            source=pick(list(Source)),
            item_name=pick(("慢病备案", "住所变更", "")), phone=pick(("16000000006", "")),
            is_anonymous=chance() < 0.2, is_backfilled=chance() < 0.2, is_repeat=chance() < 0.2,
            registered_at=registered, registered_by_id=self.by,
            dispatch_due_at=self.perhaps(self.moment(dispatched)),
            first_dispatched_at=dispatched,
            dispatched_at=dispatched and pick((dispatched, self.moment(dispatched))),
            lead_unit_id=pick((*self.units, None)),
            first_contact_at=self.perhaps(self.moment(dispatched)),
            due_at=first_due, first_due_at=first_due,
            original_due_at=self.perhaps(self.moment(dispatched)),
            is_extended_late=chance() < 0.1, escalated_at=self.perhaps(self.moment(), 0.2),
            is_auto_escalated=chance() < 0.5, finished_at=finished,
            first_finished_at=pick((finished, None)),
            eval_until=self.perhaps(self.moment(finished)),
        )  # fmt: skip
        self.of_case(case, dispatched)

    def of_case(self, case: dict[str, Any], start: dt.datetime | None) -> None:
        of, dice = {"case_id": case["id"]}, self.dice
        slips = [self.slip(of, start or self.moment()) for _each in range(dice.randrange(4))]
        for number in range(dice.randrange(4)):
            self.result(of, number, case)
            self.rating(of, number + 1, case["finished_at"])
        for number in range(dice.randrange(2)):
            self.add(Callback, **of, round_no=1, attempt_no=number + 1, called_at=self.moment(),
                     outcome=dice.choice(list(CallOutcome)), by_id=self.by)  # fmt: skip
        for _each in range(dice.randrange(3)):
            self.extension(of)
            self.contact(of, case["dispatched_at"])
        if dice.random() < 0.3:
            self.measure(case["id"])
        for number in range(dice.choice((0, 0, 1, 2))):
            self.review(of, slips, is_first=not number)

    def slip(self, of: dict[str, Any], start: dt.datetime) -> dict[str, Any]:
        issued = start if self.dice.random() < 0.7 else self.moment(start)
        slip = self.add(
            Slip, **of, site_id=self.site, year_no=2026, slip_no=self.last[Slip] + 1,
            unit_id=self.dice.choice(self.units), slip_kind=self.dice.choice(list(SlipKind)),
            subject="慢病备案", content="请办理", limit_class=LimitClass.ONE_DAY,
            due_at=self.moment(issued), issued_at=issued, issued_by_id=self.by,
            signed_at=self.perhaps(self.moment(issued)), is_void=self.dice.random() < 0.2,
        )  # fmt: skip
        if self.dice.random() < 0.3:
            self.add(
                ReturnRequest, **of, slip_id=slip["id"], unit_id=slip["unit_id"], reason="不是",
                requested_at=self.moment(issued), requested_by_id=self.by,
                decide_due_at=self.moment(), status=self.dice.choice(list(RequestStatus)),
            )  # fmt: skip
        return slip

    def result(self, of: dict[str, Any], number: int, case: dict[str, Any]) -> None:
        self.add(
            Result, **of, unit_id=self.dice.choice(self.units), round_no=number + 1,
            result_type=ResultType.SOLVED, is_achieved=self.dice.random() < 0.7,
            handling_note="已办", reply_text="已办", reply_mode=ContactMode.PHONE,
            replied_at=self.moment(case["registered_at"]),
            submitted_at=self.moment(case["first_dispatched_at"]), submitted_by_id=self.by,
            status=self.dice.choice((*ResultStatus, ResultStatus.CONFIRMED)),
        )  # fmt: skip

    def rating(self, of: dict[str, Any], round_no: int, finished: dt.datetime | None) -> None:
        if self.dice.random() < 0.3:
            return
        pick = self.dice.choice
        self.add(
            Evaluation, **of, round_no=round_no, eval_level=pick(list(EvalLevel)),
            solved_level=pick(list(SolvedLevel)), channel=EvalChannel.CALL,
            evaluated_at=self.moment(finished), entered_by_id=self.by,
            verdict=pick((*Verdict, *3 * (Verdict.JUSTIFIED,), None)),
            verified_at=self.perhaps(self.moment(), 0.5),
            approved_at=self.perhaps(self.moment(), 0.5),
            redo_due_at=self.perhaps(self.moment(), 0.9),
        )  # fmt: skip

    def extension(self, of: dict[str, Any]) -> None:
        self.add(
            Extension, **of, unit_id=self.units[0], days_asked=5,
            days_granted=self.dice.choice((1, 3, 7)), reason="需报", work_done="已报",
            former_due_at=self.moment(), asked_due_at=self.moment(), applied_at=self.moment(),
            applied_by_id=self.by, status=self.dice.choice(list(RequestStatus)),
        )  # fmt: skip

    def contact(self, of: dict[str, Any], dispatched: dt.datetime | None) -> None:
        self.add(
            Contact, **of, unit_id=self.dice.choice(self.units), mode=ContactMode.PHONE,
            contacted_at=self.moment(dispatched), is_reached=self.dice.random() < 0.8,
            note="已联系", by_id=self.by,
        )  # fmt: skip

    def review(self, of: dict[str, Any], slips: list[dict[str, Any]], *, is_first: bool) -> None:
        confirmed = self.dice.choice([slip["issued_at"] for slip in slips] or [None])
        self.add(
            GroupReview, **of, asked_at=self.moment(), asked_by_id=self.by,
            is_auto=is_first and self.dice.random() < 0.5,  # time runs out once
            confirmed_at=confirmed if self.dice.random() < 0.3 else None,
        )  # fmt: skip

    def measure(self, case_id: int | None) -> None:
        self.add(
            Supervision, site_id=self.site, kind=self.dice.choice(list(SupervisionKind)),
            case_id=case_id, unit_id=self.dice.choice(self.units), requirement="请办理",
            ground=SuperviseGround.OVERDUE, issued_at=self.moment(), issued_by_id=self.by,
        )  # fmt: skip

    def beside(self) -> None:
        """Note what no case needs: a reception, a rejection, a measure against a unit."""
        values = {"site_id": self.site, "officer_id": self.by}
        self.add(
            Reception, **values, reception_no=f"J{self.last[Reception] + 1}",
            received_at=self.moment(), outcome=self.dice.choice(list(ReceptionOutcome)),
        )  # fmt: skip
        self.add(
            Rejection, **values, rejection_no=f"B{self.last[Rejection] + 1}",
            rejected_at=self.moment(), item_name="慢病备案", ground_id=self.office.ground.id,
            legal_basis="条例", explain_text="已解释", referred_to="信访局",
        )  # fmt: skip
        self.measure(None)

    def visits(self) -> None:
        """Let leaders come on some half-days."""
        for day, half in {(self.moment().date(), half) for half in Half for _each in range(20)}:
            self.add(LeaderVisit, site_id=self.site, day=day, half=half, leader_id=self.by,
                     arrived_at=self.moment())  # fmt: skip
