"""What waits for a person: lists of cases whose next step the workflow leaves to exactly them.

Each list is a condition on Case; a test holds it against `allowed_actions` of the workflow table.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, case, exists, false, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.domain.rules import Rules
from app.domain.states import (
    UNIT_ROLES,
    Action,
    CallOutcome,
    ComplaintAbout,
    EvalLevel,
    ResultStatus,
    Role,
    SlipKind,
    State,
    Verdict,
)
from app.models import (
    Account,
    Callback,
    Case,
    Evaluation,
    GroupReview,
    Result,
    ReturnRequest,
    Slip,
)
from app.reports.standing import RUNNING

Condition = ColumnElement[bool]
BAD = tuple(level for level in EvalLevel if level.is_bad)
UNREAL = (Verdict.MISTAKEN, Verdict.UNREASONABLE)

# What each list waits for: one of these is open to the person on every case of the list.
STEPS: dict[str, tuple[Action, ...]] = {
    "drafts": (Action.SUBMIT,),
    "to_rate": (Action.EVALUATE,),
    "to_call": (Action.CALL_BACK,),
    "to_archive": (Action.CLOSE_UNRATED,),
    "to_dispatch": (Action.DISPATCH,),
    "returns": (Action.REASSIGN,),
    "class_asked": (Action.CHANGE_CLASS,),
    "to_check": (Action.SEND_BACK,),
    "bad_ratings": (Action.VERIFY,),
    "to_review": (Action.RECORD_DECISION,),
    "extensions": (Action.APPROVE_EXTENSION,),
    "sign_offs": (Action.CONFIRM,),
    "disputes": (Action.ASSIGN_LEAD,),
    "verdicts": (Action.APPROVE_VERDICT,),
    "after_redo": (Action.DECIDE_AFTER_REDO,),
    "decisions": (Action.CONFIRM_DECISION,),
    "to_sign": (Action.SIGN, Action.SIGN_CO),
    "handling": (Action.CONTACT, Action.CO_REPLY),
    "redo": (Action.CONTACT,),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks at lists and when; at `leads` he signs as today's leader.

    At `heads` he signs as head of the group what is complained about a leader (D-22).
    """

    person: Account
    now: dt.datetime
    rules: Rules
    leads: frozenset[int] = frozenset()
    heads: frozenset[int] = frozenset()


def waiting_lists(viewer: Viewer) -> dict[str, Condition]:
    """Return list key → condition, of every role the person has, in the order of the work."""
    roles = roles_of(viewer.person)
    parts: list[dict[str, Condition]] = []
    if Role.DUTY_OFFICER in roles:
        parts.append({"drafts": Case.state == State.DRAFT, **closing_lists(viewer)})
    if Role.SUPERVISOR in roles or viewer.leads:
        parts.append(_section(viewer, roles))
    if roles & {Role.DUTY_LEADER, Role.GROUP_HEAD}:
        parts.append(_leader(viewer, roles))
    if roles & UNIT_ROLES and viewer.person.unit_id is not None:
        parts.append(_unit(viewer.person.unit_id))
    found: dict[str, Condition] = {}
    for key, condition in (pair for part in parts for pair in part.items()):
        found[key] = or_(found[key], condition) if key in found else condition
    return found


def waiting(viewer: Viewer) -> Condition:
    """Return the condition of everything that waits for the person."""
    return or_(false(), *waiting_lists(viewer).values())


def closing_lists(viewer: Viewer) -> dict[str, Condition]:
    """Return the closed cases without a rating: to be rated, called, archived as 未评价 (D-28)."""
    unrated = and_(Case.state == State.TO_EVALUATE, Case.eval_level.is_(None))
    anonymous, over = Case.is_anonymous.is_(True), Case.eval_until < viewer.now
    called = _called_enough(viewer.rules)
    return {
        "to_rate": and_(unrated, ~anonymous, ~over),
        "to_call": and_(unrated, ~anonymous, over, ~called),
        "to_archive": and_(unrated, or_(anonymous, and_(over, called))),
    }


def _called_enough(rules: Rules) -> Condition:
    """Return whether somebody answered, or was called often enough on enough days (D-20)."""
    calls = (
        select(Callback.case_id)
        .where(Callback.case_id == Case.id, Callback.round_no == Case.round_no)
        .group_by(Callback.case_id)
    )
    # Calls are made in office hours, which lie within one day of UTC too.
    days = func.count(func.distinct(func.date(Callback.called_at)))
    often = and_(func.count(Callback.id) >= rules.contact_attempts, days >= rules.contact_days)
    answered = func.sum(case((Callback.outcome != CallOutcome.NO_ANSWER, 1), else_=0)) > 0
    return calls.having(or_(answered, often)).exists()


def _section(viewer: Viewer, roles: frozenset[Role]) -> dict[str, Condition]:
    """D-22: a complaint about 督办考核科 is kept from it; today's leader does its part."""
    about_section = Case.complaint_about == ComplaintAbout.SECTION
    own = false() if Role.SUPERVISOR not in roles else _not_about(ComplaintAbout.SECTION)
    mine = or_(own, and_(Case.site_id.in_(viewer.leads), about_section))
    lists = {
        "returns": and_(_return_pending(), _requests_so_far() <= 1),
        "class_asked": and_(
            Case.state == State.HANDLING, Case.is_class_asked.is_(True), Case.due_at >= viewer.now
        ),
        "to_check": Case.state == State.TO_CONFIRM,
        "bad_ratings": and_(bad_rating_open(), _not_entered_by(viewer.person)),
        "to_review": and_(Case.state == State.GROUP_REVIEW, ~_decision_recorded()),
    }
    found = {key: and_(mine, condition) for key, condition in lists.items()}
    to_dispatch = and_(Case.state == State.TO_DISPATCH, _not_about(ComplaintAbout.LEADER), mine)
    return {"to_dispatch": to_dispatch, **found}


def _leader(viewer: Viewer, roles: frozenset[Role]) -> dict[str, Condition]:
    about_leader = Case.complaint_about == ComplaintAbout.LEADER
    signs = or_(
        and_(Case.site_id.in_(viewer.leads), _not_about(ComplaintAbout.LEADER)),
        and_(Case.site_id.in_(viewer.heads), about_leader),
    )
    today = {
        "extensions": and_(Case.state == State.HANDLING, Case.is_extension_pending.is_(True)),
        "sign_offs": Case.state == State.TO_CONFIRM,
        "disputes": and_(_return_pending(), _requests_so_far() > 1),
        "verdicts": and_(verdict_pending(), _not_entered_by(viewer.person)),
        "after_redo": and_(bad_rating_open(), Case.round_no >= viewer.rules.max_rounds),
    }
    signs_today = viewer.leads | viewer.heads
    found = {key: and_(signs, condition) for key, condition in today.items() if signs_today}
    if Role.DUTY_LEADER in roles:
        own = Case.registered_by_id == viewer.person.id
        found["drafts"] = and_(Case.state == State.DRAFT, own)
    if Role.GROUP_HEAD in roles:
        found["decisions"] = and_(Case.state == State.GROUP_REVIEW, _decision_recorded())
        found["to_dispatch"] = and_(Case.state == State.TO_DISPATCH, about_leader)
    return found


def _not_about(whom: ComplaintAbout) -> Condition:
    return or_(Case.complaint_about.is_(None), Case.complaint_about != whom)


def _unit(unit_id: int) -> dict[str, Condition]:
    own = Case.lead_unit_id == unit_id
    back = and_(Case.state == State.HANDLING, _sent_back())
    at_work = Case.state.in_(RUNNING)
    unsigned = _own_slip(unit_id, Slip.signed_at.is_(None))
    unanswered = _own_slip(
        unit_id,
        Slip.slip_kind == SlipKind.CO,
        Slip.signed_at.is_not(None),
        Slip.replied_at.is_(None),
    )
    return {
        "to_sign": and_(at_work, unsigned),
        "handling": or_(
            and_(Case.state == State.HANDLING, own, ~unsigned, ~_sent_back()),
            and_(at_work, unanswered),
        ),
        "redo": and_(own, ~unsigned, or_(Case.state == State.REDO, back)),
    }


def _own_slip(unit_id: int, *conditions: Condition) -> Condition:
    return exists().where(
        Slip.case_id == Case.id, Slip.unit_id == unit_id, Slip.is_void.is_(False), *conditions
    )


def _return_pending() -> Condition:
    return and_(Case.is_return_pending.is_(True), Case.state.in_((State.TO_SIGN, State.HANDLING)))


def _requests_so_far() -> ColumnElement[int]:
    return (
        select(func.count(ReturnRequest.id))
        .where(ReturnRequest.case_id == Case.id)
        .scalar_subquery()
    )


def _sent_back() -> Condition:
    return exists().where(
        Result.case_id == Case.id,
        Result.round_no == Case.round_no,
        Result.status == ResultStatus.SENT_BACK,
    )


def bad_rating_open() -> Condition:
    """Return the condition of a bad rating that nobody has ruled on."""
    return and_(Case.state == State.TO_EVALUATE, _rating(Evaluation.verdict.is_(None)))


def verdict_pending() -> Condition:
    """Return the condition of a ruling 误评 or 不合理 that waits for the leader."""
    ruled = and_(Evaluation.verdict.in_(UNREAL), Evaluation.approved_at.is_(None))
    return and_(Case.state == State.TO_EVALUATE, _rating(ruled))


def _rating(condition: Condition) -> Condition:
    """Return whether the current round has a bad rating of this kind."""
    return and_(
        Case.eval_level.in_(BAD),
        exists().where(
            Evaluation.case_id == Case.id, Evaluation.round_no == Case.round_no, condition
        ),
    )


def _not_entered_by(person: Account) -> Condition:
    return ~exists().where(
        Evaluation.case_id == Case.id,
        Evaluation.round_no == Case.round_no,
        Evaluation.entered_by_id == person.id,
    )


def _decision_recorded() -> Condition:
    return exists().where(
        GroupReview.case_id == Case.id,
        GroupReview.confirmed_at.is_(None),
        GroupReview.recorded_at.is_not(None),
    )
