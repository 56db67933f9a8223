"""Random small histories of cases, written as rows: every order of times, every odd combination."""

import datetime as dt
import random
from typing import Any

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
SPAN = 62 * 24 * 60  # minutes from the middle of September


class Histories:
    """One office and the dice."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.dice, self.number = office, random.Random(seed), 0
        self.by = office.officer.id
        self.units = [office.units[key].id for key in ("land", "build", "tax")]

    def moment(self, after: dt.datetime | None = None) -> dt.datetime:
        if after is not None and self.dice.random() < 0.7:
            minutes = self.dice.choice((0, 1, 30, 60, 120, 121, 240, 480, 1440, 4320, 14400))
            return after + dt.timedelta(minutes=minutes)
        if self.dice.random() < 0.4:
            return self.dice.choice(EDGES)
        return at("2026-09-15 00:00") + dt.timedelta(minutes=self.dice.randrange(SPAN))

    def perhaps(self, moment: dt.datetime, chance: float = 0.7) -> dt.datetime | None:
        return moment if self.dice.random() < chance else None

    def fill(self, cases: int) -> None:
        for _each in range(cases):
            self.case()
        for _each in range(cases // 4):
            self.beside()
        days = {(self.moment().date(), half) for half in Half for _each in range(20)}
        db.session.add_all(
            LeaderVisit(
                site_id=self.office.site.id, day=day, half=half, leader_id=self.by,
                arrived_at=self.moment(),
            )
            for day, half in days
        )  # fmt: skip
        db.session.flush()
        db.session.expire_all()

    def case(self) -> None:
        pick, chance = self.dice.choice, self.dice.random
        registered = self.moment()
        dispatched = self.perhaps(self.moment(registered), 0.9)
        finished = self.perhaps(self.moment(dispatched))
        first_due = self.perhaps(self.moment(dispatched), 0.9)
        self.number += 1
        case = Case(
            site_id=self.office.site.id, state=pick(list(State)), round_no=pick((1, 1, 1, 2, 3)),
            ledger_no=pick((f"2026-{self.number:04d}", f"2026-{self.number:04d}", None)),
            is_ledger_void=chance() < 0.1, category=pick((*Category, None)),
            item_name=pick(("慢病备案", "住所变更")), phone=pick(("16000000006", "")),
            is_anonymous=chance() < 0.2, is_backfilled=chance() < 0.2, is_repeat=chance() < 0.2,
            registered_at=registered, registered_by_id=self.by,
            dispatch_due_at=self.perhaps(self.moment(dispatched)),
            first_dispatched_at=dispatched,
            dispatched_at=dispatched and self.moment(dispatched),
            lead_unit_id=pick((*self.units, None)),
            first_contact_at=self.perhaps(self.moment(dispatched)),
            due_at=first_due, first_due_at=first_due,
            original_due_at=self.perhaps(self.moment(dispatched)),
            is_extended_late=chance() < 0.1, escalated_at=self.perhaps(self.moment(), 0.2),
            is_auto_escalated=chance() < 0.5, finished_at=finished,
            first_finished_at=pick((finished, None)),
            eval_until=self.perhaps(self.moment(finished)),
        )  # fmt: skip
        db.session.add(case)
        db.session.flush()
        self.of_case(case)

    def of_case(self, case: Case) -> None:
        start = case.first_dispatched_at
        for _each in range(self.dice.randrange(3)):
            self.slip(case, start or self.moment())
        for number in range(self.dice.randrange(4)):
            self.result(case, number)
            self.rating(case, number + 1)
        for number in range(self.dice.randrange(2)):
            db.session.add(
                Callback(
                    case=case, round_no=1, attempt_no=number + 1, called_at=self.moment(),
                    outcome=self.dice.choice(list(CallOutcome)), by_id=self.by,
                )
            )  # fmt: skip
        for _each in range(self.dice.randrange(3)):
            self.extension(case)
        if self.dice.random() < 0.3:
            self.measure(case)
        for _each in range(self.dice.choice((0, 0, 1, 2))):
            self.review(case)
        for _each in range(self.dice.randrange(3)):
            self.contact(case)

    def contact(self, case: Case) -> None:
        db.session.add(
            Contact(
                case=case, unit_id=self.dice.choice(self.units), mode=ContactMode.PHONE,
                contacted_at=self.moment(case.dispatched_at), is_reached=self.dice.random() < 0.8,
                note="已联系", by_id=self.by,
            )
        )  # fmt: skip

    def review(self, case: Case) -> None:
        confirmed = self.dice.choice([s.issued_at for s in case.slips] or [None])
        db.session.add(
            GroupReview(
                case=case, asked_at=self.moment(), asked_by_id=self.by,
                is_auto=self.dice.random() < 0.5 and not case.group_reviews,
                confirmed_at=confirmed if self.dice.random() < 0.3 else None,
            )
        )  # fmt: skip

    def slip(self, case: Case, start: dt.datetime) -> None:
        self.number += 1
        issued = start if self.dice.random() < 0.7 else self.moment(start)
        slip = Slip(
            site_id=case.site_id, year_no=2026, slip_no=self.number, case=case,
            unit_id=self.dice.choice(self.units), slip_kind=self.dice.choice(list(SlipKind)),
            subject="慢病备案", content="请办理", limit_class=LimitClass.ONE_DAY,
            due_at=self.moment(issued), issued_at=issued, issued_by_id=self.by,
            signed_at=self.perhaps(self.moment(issued)), is_void=self.dice.random() < 0.2,
        )  # fmt: skip
        db.session.add(slip)
        db.session.flush()
        if self.dice.random() < 0.3:
            db.session.add(
                ReturnRequest(
                    case=case, slip_id=slip.id, unit_id=slip.unit_id, reason="不是",
                    requested_at=self.moment(issued), requested_by_id=self.by,
                    decide_due_at=self.moment(), status=self.dice.choice(list(RequestStatus)),
                )
            )  # fmt: skip

    def result(self, case: Case, number: int) -> None:
        submitted = self.moment(case.first_dispatched_at)
        db.session.add(
            Result(
                case=case, unit_id=self.units[0], round_no=number + 1,
                result_type=ResultType.SOLVED, is_achieved=self.dice.random() < 0.7,
                handling_note="已办", reply_text="已办", reply_mode=ContactMode.PHONE,
                replied_at=self.moment(case.registered_at), submitted_at=submitted,
                submitted_by_id=self.by, status=self.dice.choice(list(ResultStatus)),
            )
        )  # fmt: skip
        db.session.flush()

    def rating(self, case: Case, round_no: int) -> None:
        if self.dice.random() < 0.4:
            return
        pick = self.dice.choice
        db.session.add(
            Evaluation(
                case=case, round_no=round_no, eval_level=pick(list(EvalLevel)),
                solved_level=pick(list(SolvedLevel)), channel=EvalChannel.CALL,
                evaluated_at=self.moment(case.finished_at), entered_by_id=self.by,
                verdict=pick((*Verdict, *3 * (Verdict.JUSTIFIED,), None)),
                verified_at=self.perhaps(self.moment(), 0.5),
                approved_at=self.perhaps(self.moment(), 0.5),
                redo_due_at=self.perhaps(self.moment(), 0.9),
            )
        )  # fmt: skip

    def extension(self, case: Case) -> None:
        db.session.add(
            Extension(
                case=case, unit_id=self.units[0], days_asked=5,
                days_granted=self.dice.choice((1, 3, 7)), reason="需报", work_done="已报",
                former_due_at=self.moment(), asked_due_at=self.moment(), applied_at=self.moment(),
                applied_by_id=self.by, status=self.dice.choice(list(RequestStatus)),
            )
        )  # fmt: skip

    def measure(self, case: Case | None) -> None:
        db.session.add(
            Supervision(
                site_id=self.office.site.id, kind=self.dice.choice(list(SupervisionKind)),
                case=case, unit_id=self.dice.choice(self.units), requirement="请办理",
                ground=SuperviseGround.OVERDUE, issued_at=self.moment(), issued_by_id=self.by,
            )
        )  # fmt: skip

    def beside(self) -> None:
        """Write what no case needs: a reception, a rejection, a measure against a unit."""
        self.number += 1
        values: dict[str, Any] = {"site_id": self.office.site.id, "officer_id": self.by}
        db.session.add(
            Reception(
                reception_no=f"J{self.number}", received_at=self.moment(),
                outcome=self.dice.choice(list(ReceptionOutcome)), **values,
            )
        )  # fmt: skip
        db.session.add(
            Rejection(
                rejection_no=f"B{self.number}", rejected_at=self.moment(), item_name="慢病备案",
                ground_id=self.office.ground.id, legal_basis="条例", explain_text="已解释",
                referred_to="信访局", **values,
            )
        )  # fmt: skip
        self.measure(None)
