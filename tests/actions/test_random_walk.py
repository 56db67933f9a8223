"""A case handled by random people at growing times: what must hold however it went."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

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
    reveals,
    supervision,
)
from app.actions.calendars import calendar_of
from app.actions.facts import facts_of, live_slips
from app.actions.office import load_rules, set_rule
from app.actions.people import actor_of
from app.domain.facts import Actor
from app.domain.refusals import Code, Refusal
from app.domain.states import (
    Action,
    CallOutcome,
    ComplexGround,
    ContactMode,
    DecisionType,
    DueBasis,
    EvalChannel,
    EvalLevel,
    LimitClass,
    ResultType,
    RevealReason,
    SlipKind,
    SolvedLevel,
    State,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)
from app.domain.workflow import allowed_actions
from app.extensions import db
from app.models import Account, Case, CaseEvent, Slip
from tests.factories import EXPLANATION, REGISTERED, Office

STEPS = 28
WITH_DUE = {State.TO_SIGN, State.HANDLING, State.TO_CONFIRM, State.TO_EVALUATE, State.REDO}
# Values were drawn blindly, so these refusals only say that this try made no sense.
EXPECTED = {
    Code.SAME_UNIT, Code.UNIT_TWICE, Code.EXTENSION_CAP, Code.EXTENSION_DAYS_RAISED,
    Code.DUE_IN_PAST, Code.REDO_LIMIT, Code.RETURN_FINAL, Code.MERGE_TARGET, Code.TIME_ORDER,
    Code.LIMIT_NEEDS_REASON, Code.RESULT_NEEDS_BASIS, Code.RESULT_NOT_ACHIEVED,
}  # fmt: skip
ENDS = {Action.REJECT, Action.REJECT_LATE, Action.WITHDRAW, Action.MERGE}


class Walk:
    """One office, one case, and the next thing somebody may do to it."""

    def __init__(self, office: Office, choose: random.Random) -> None:
        self.office, self.choose, self.now = office, choose, REGISTERED
        self.seen: dict[dt.date, list[tuple[Account, Actor]]] = {}
        self.other = office.submit(office.draft(item_name="另一件"))
        self.case = office.draft(involved_unit_id=office.units["land"].id)

    def unit(self) -> int:
        return self.office.units[self.choose.choice(("land", "build", "tax"))].id

    def possible(self) -> Iterator[tuple[Action, Account]]:
        """Yield every (action, person) that the table allows at this moment."""
        calendar, rules = calendar_of(1), load_rules()
        facts = facts_of(self.case, calendar=calendar, rules=rules)
        for person, actor in self.actors():
            for action in allowed_actions(facts, actor, self.now, rules):
                yield action, person

    def actors(self) -> list[tuple[Account, Actor]]:
        """Return everybody as the workflow sees them today."""
        day = self.now.date()
        if day not in self.seen:
            people = self.office.people.values()
            self.seen[day] = [(p, actor_of(p, site_id=1, day=day)) for p in people]
        return self.seen[day]

    def step(self) -> None:
        """Let time pass and somebody do something; a refusal leaves everything as it was."""
        self.now += dt.timedelta(minutes=self.choose.choice((1, 20, 90, 400, 1500, 5000)))
        moves = sorted({(a.value, p.id): (a, p) for a, p in self.possible()}.items())
        if not moves:
            return
        actions = sorted({a for _, (a, _) in moves})
        # Ways out are taken seldom, or most walks would be short.
        lively = [a for a in actions if a not in ENDS or self.choose.random() < 0.05] or actions
        wanted = self.choose.choice(lively)
        person = self.choose.choice([p for _, (a, p) in moves if a is wanted])
        savepoint = db.session.begin_nested()
        try:
            TRIES[wanted](self, person)
            savepoint.commit()
        except Refusal as refused:
            savepoint.rollback()
            if refused.code not in EXPECTED:
                raise
        db.session.expire(self.case)

    def check(self) -> None:
        """Assert what must hold after every step."""
        case = self.case
        events = list(
            db.session.execute(
                select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
            ).scalars()
        )
        assert len(events) == case.event_count
        assert events[-1].new_state is case.state
        for before, after in zip(events, events[1:], strict=False):
            assert after.old_state is before.new_state
            assert after.at >= before.at
        if case.state in WITH_DUE:
            assert case.due_at is not None
            assert case.due_basis is not None
            assert case.due_reason
        assert 0 <= case.ext_total <= 7
        if case.finished_at and case.dispatched_at:
            assert case.finished_at >= case.first_dispatched_at
        if case.first_finished_at:
            assert case.first_due_at
        assert (case.finished_at is None) == (case.state not in AFTER_FINISH), case.state
        self._check_slips(case)

    def _check_slips(self, case: Case) -> None:
        numbers = list(db.session.execute(select(Slip.slip_no).order_by(Slip.slip_no)).scalars())
        assert numbers == list(range(1, len(numbers) + 1))
        live = live_slips(case)
        leads = [s for s in live if s.slip_kind is SlipKind.LEAD]
        assert len({s.unit_id for s in live}) == len(live)
        if case.lead_unit_id is None or case.first_dispatched_at is None:  # or 当场办结
            assert leads == []
        else:
            assert [s.unit_id for s in leads] == [case.lead_unit_id]
            if case.due_basis is not DueBasis.GROUP:
                assert leads[0].due_at == case.due_at


AFTER_FINISH = {State.TO_CONFIRM, State.TO_EVALUATE, State.ARCHIVED}


def _resolve(walk: Walk, by: Account) -> None:
    kind = walk.choose.choice(list(ResultType))
    handling.resolve(
        walk.case, result_type=kind, is_achieved=walk.choose.random() < 0.7, handling_note="已办",
        reply_text="已答复", reply_mode=ContactMode.PHONE, replied_at=walk.now,
        cause_id=walk.office.cause.id, legal_basis="法条", short_reason="原因", by=by, now=walk.now,
    )  # fmt: skip


def _dispatch(walk: Walk, by: Account) -> None:
    limit = walk.choose.choice(list(LimitClass))
    grounds = [ComplexGround.COMPLEX_FLOW] if limit is LimitClass.THREE_DAYS else []
    co_units = [walk.unit()] if walk.choose.random() < 0.4 else []
    dispatch.dispatch(
        walk.case, lead_unit_id=walk.unit(), content="请办", limit_class=limit,
        co_unit_ids=co_units, complex_grounds=grounds, by=by, now=walk.now,
    )  # fmt: skip


def _record(walk: Walk, by: Account) -> None:
    final = walk.choose.random() < 0.2
    kind = DecisionType.FINAL_ANSWER if final else DecisionType.COORDINATE
    walk.office.decide(
        walk.case, met=walk.now, due=None if final else walk.now + dt.timedelta(days=6),
        decision_type=kind, lead_unit_id=walk.unit(), by=by, now=walk.now,
    )  # fmt: skip


def _evaluate(walk: Walk, by: Account) -> None:
    level = walk.choose.choice([EvalLevel.BAD, EvalLevel.VERY_BAD, EvalLevel.GOOD])
    evaluation.evaluate(
        walk.case, level=level, solved=SolvedLevel.PARTLY, channel=EvalChannel.QR, by=by,
        now=walk.now,
    )  # fmt: skip


REJECTION = {"legal_basis": "法条", "explain_text": "已解释", "referred_to": "法院"}
GROUNDS = [ComplexGround.ASK_SUPERIOR]


def _simple(function: Callable[..., Any], **values: Any) -> Callable[[Walk, Account], Any]:
    """Return a try that calls an action; values may be functions of the walk."""

    def run(walk: Walk, by: Account) -> Any:
        given_now = {k: v(walk) if callable(v) else v for k, v in values.items()}
        return function(walk.case, by=by, now=walk.now, **given_now)

    return run


def _days(most: int) -> Callable[[Walk], int]:
    return lambda walk: walk.choose.randint(1, most)


TRIES: dict[Action, Callable[[Walk, Account], Any]] = {
    Action.SUBMIT: _simple(intake.submit),
    Action.REJECT: _simple(intake.reject, ground=lambda w: w.office.ground.id, **REJECTION),
    Action.RESOLVE_ON_SPOT: _simple(
        intake.resolve_on_spot, lead_unit_id=Walk.unit, unit_person="甲", handling_note="办",
        reply_text="答", result_type=ResultType.SOLVED,
    ),
    Action.RETURN_DRAFT: _simple(dispatch.return_draft, reason="补正"),
    Action.REJECT_LATE: _simple(
        dispatch.reject_late, ground=lambda w: w.office.ground.id, informed_by="甲",
        informed_at=lambda w: w.now, **REJECTION,
    ),
    Action.DISPATCH: _dispatch,
    Action.VOID_SLIPS: _simple(dispatch.void_slips, reason="选错"),
    Action.ADD_CO_UNIT: _simple(dispatch.add_co_unit, unit_id=Walk.unit, content="协助"),
    Action.SIGN: _simple(handling.sign),
    Action.SIGN_CO: _simple(handling.sign_co),
    Action.CO_REPLY: _simple(handling.co_reply, reply_text="已协助"),
    Action.REQUEST_RETURN: _simple(
        returns.request_return, reason="非我职责", suggest_unit_id=Walk.unit
    ),
    Action.REASSIGN: _simple(returns.reassign, lead_unit_id=Walk.unit),
    Action.RELEASE: _simple(returns.release, reason="另行交办"),
    Action.REFUSE_RETURN: _simple(returns.refuse_return, reason="属你职责"),
    Action.ASSIGN_LEAD: _simple(returns.assign_lead, lead_unit_id=Walk.unit, opinion="主办"),
    Action.CONTACT: _simple(
        handling.contact, contacted_at=lambda w: w.now, mode=ContactMode.PHONE, note="已联系"
    ),
    Action.EXPLAIN: _simple(handling.explain, **EXPLANATION),
    Action.ASK_CLASS: _simple(handling.ask_class, complex_grounds=GROUNDS, reason="协调"),
    Action.CHANGE_CLASS: _simple(handling.change_class, complex_grounds=GROUNDS),
    Action.APPLY_EXTENSION: _simple(
        extensions.apply_extension, days=_days(8), reason="等批复", work_done="已报"
    ),
    Action.COMMENT_EXTENSION: _simple(extensions.comment_extension, opinion="同意"),
    Action.APPROVE_EXTENSION: _simple(
        extensions.approve_extension, days=_days(7), opinion="同意"
    ),
    Action.REFUSE_EXTENSION: _simple(extensions.refuse_extension, opinion="不同意"),
    Action.ESCALATE: _simple(group.escalate, reason="提请"),
    Action.RECORD_DECISION: _record,
    Action.CONFIRM_DECISION: _simple(group.confirm_decision),
    Action.RESOLVE: _resolve,
    Action.SEND_BACK: _simple(closing.send_back, reason="补办"),
    Action.CONFIRM: _simple(closing.confirm),
    Action.CALL_BACK: _simple(
        evaluation.call_back, outcome=CallOutcome.REACHED, called_at=lambda w: w.now
    ),
    Action.EVALUATE: _evaluate,
    Action.CLOSE_UNRATED: _simple(evaluation.close_unrated),
    Action.READ_EVALUATION: _simple(evaluation.read_evaluation),
    Action.VERIFY: _simple(
        evaluation.verify, verdict=lambda w: w.choose.choice(list(Verdict)), verify_note="已核"
    ),
    Action.APPROVE_VERDICT: _simple(
        evaluation.approve_verdict, agreed=lambda w: w.choose.random() < 0.5, opinion="阅"
    ),
    Action.DECIDE_AFTER_REDO: _simple(
        evaluation.decide_after_redo, to_group=lambda w: w.choose.random() < 0.5, opinion="阅"
    ),
    Action.REOPEN: _simple(closing.reopen, reason="又发生"),
    Action.WITHDRAW: _simple(closing.withdraw, reason="办好了", proof="来电"),
    Action.MERGE: _simple(dispatch.merge, target_id=lambda w: w.other.id, reason="同一事"),
    Action.SUPERVISE: _simple(
        supervision.supervise, kind=SupervisionKind.URGE, ground=SuperviseGround.SLOW,
        requirement="抓紧",
    ),
    Action.CORRECT: _simple(corrections.correct, field="demand", new_value="尽快", reason="补"),
    Action.MARK_TYPICAL: _simple(
        corrections.mark_typical, is_typical=True, is_common_issue=False
    ),
    Action.REVEAL_PHONE: _simple(reveals.reveal_phone, why=RevealReason.CHECK),
}  # fmt: skip


def test_every_action_is_walked() -> None:
    assert set(TRIES) == set(Action) - {Action.REGISTER}


@contextmanager
def undone() -> Iterator[None]:
    savepoint = db.session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        db.session.expire_all()


@pytest.mark.parametrize("extensions_allowed", ["1", "3"])
def test_whatever_people_do_the_record_stays_in_order(
    office: Office, extensions_allowed: str
) -> None:
    set_rule(name="max_extensions", text=extensions_allowed, by=office.sys_admin, now=REGISTERED)
    db.session.flush()

    @given(seed=st.integers(0, 10**9))
    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def walk(seed: int) -> None:
        with undone():
            one = Walk(office, random.Random(seed))
            for _ in range(STEPS):
                one.step()
                one.check()

    walk()
