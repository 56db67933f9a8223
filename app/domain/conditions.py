"""The conditions named in the workflow table: each a question about a case, a person and a time."""

import datetime as dt
from collections.abc import Callable

from app.domain.facts import Actor, CaseFacts
from app.domain.refusals import Code
from app.domain.rules import Rules
from app.domain.states import UNIT_ROLES, ComplaintAbout, DueBasis, LimitClass, Role, Verdict

Check = Callable[[CaseFacts, Actor, dt.datetime, Rules], bool]


def _lead_unit(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.lead_unit_id is not None and actor.unit_id == case.lead_unit_id


def _co_unit(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return actor.unit_id in case.co_unit_ids


def _unsigned(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return actor.unit_id in case.unsigned_unit_ids


def _signed(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return actor.unit_id not in case.unsigned_unit_ids


# D-03, T5: what went out once is no draft any more.
def _never_dispatched(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.was_dispatched


# D-22: the slip of a confidential case goes to the unit's head, not to a person of the unit.
def _head_if_confidential(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.is_confidential or Role.UNIT_HEAD in actor.roles


# D-22: the unit sees the facts of a 保密件, not who reported them.
def _not_confidential(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.is_confidential


# D-17: 办结签字 is the head's, or an authorised handler's.
def _may_sign_off(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return Role.UNIT_HEAD in actor.roles or actor.unit_may_sign_off


def _approves_today(_case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return actor.approves_today


# D-35 (fixed): unit handler ≠ approving leader ≠ evaluator.
def _not_own_request(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.extension_applicant_id != actor.id


def _not_handler(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return actor.id not in case.handler_ids and case.result_by_id != actor.id


# R39: the rating is never entered by the handling unit.
def _not_handling_unit(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    own = actor.unit_id is not None and actor.unit_id in case.all_unit_ids
    return not own and actor.id not in case.handler_ids


def _not_evaluator(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.eval_entered_by_id != actor.id


# D-22: a complaint about 督办考核科 is dispatched by the duty leader, about a leader by the head.
def _not_about_office(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.complaint_about in (None, ComplaintAbout.UNIT)


def _about_section(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.complaint_about is ComplaintAbout.SECTION


def _about_leader(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.complaint_about is ComplaintAbout.LEADER


def _extension_pending(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.has_extension_pending


def _no_extension_pending(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.has_extension_pending


# D-10: at most `max_extensions` approved, and something of the seven days must be left.
def _extension_left(case: CaseFacts, _actor: Actor, _now: dt.datetime, rules: Rules) -> bool:
    return case.extension_count < rules.max_extensions


def _extension_days_left(case: CaseFacts, _actor: Actor, _now: dt.datetime, rules: Rules) -> bool:
    return case.extension_total < rules.extension_cap_days


# R32: an extension comes before the group's decision, whose limit then stands.
def _no_group_limit(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.due_basis is not DueBasis.GROUP


# R32: “延期后仍不能解决的”: an extension was used and its due time has passed. D-11: what was asked
# in time waits for its approver, and the unit does not suffer from the waiting.
def _extension_run_out(case: CaseFacts, _actor: Actor, now: dt.datetime, _rules: Rules) -> bool:
    waits = case.has_extension_pending and not case.extension_asked_late
    extended = case.due_basis is DueBasis.EXTENSION and not waits
    return extended and case.due_at is not None and now > case.due_at


# R27, D-08: the 3-day class needs its 问题处理说明 before closing or extending.
def _explained_if_complex(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.limit_class is not LimitClass.THREE_DAYS or case.explained


def _explained(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.explained


# D-14: once per unit, early, and not after the leader has assigned the lead for good.
def _return_in_time(case: CaseFacts, _actor: Actor, now: dt.datetime, _rules: Rules) -> bool:
    return case.return_until is not None and now <= case.return_until


def _return_unused(case: CaseFacts, actor: Actor, _now: dt.datetime, rules: Rules) -> bool:
    asked = sum(unit == actor.unit_id for unit in case.returned_by_units)
    return asked < rules.max_returns_per_unit


def _lead_not_final(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.lead_is_final


def _return_pending(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.has_return_pending


def _no_return_pending(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.has_return_pending


def _first_dispute(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.return_count <= 1


def _not_past_due(case: CaseFacts, _actor: Actor, now: dt.datetime, _rules: Rules) -> bool:
    return case.due_at is not None and now <= case.due_at


# D-07: only 1 day → 3 days, and only once; an extension or the group's limit is never shortened.
def _class_raisable(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    one_day = case.limit_class is LimitClass.ONE_DAY and case.due_basis is DueBasis.LIMIT
    return one_day and not case.class_changed


# T14: “on unit's request”.
def _class_asked(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.class_asked


def _class_not_asked(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.class_asked


def _decision_recorded(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.decision_recorded


# D-21: an anonymous report has nobody to rate it.
def _not_anonymous(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return not case.is_anonymous


def _not_rated_yet(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.eval_level is None


# D-28: window over, then one call; nothing is ever assumed. Anonymous reports skip both.
def _window_over(case: CaseFacts, _actor: Actor, now: dt.datetime, _rules: Rules) -> bool:
    return case.is_anonymous or (case.eval_until is not None and now > case.eval_until)


# D-20: who does not answer is called three times, on two days at least.
def _called_back(case: CaseFacts, _actor: Actor, _now: dt.datetime, rules: Rules) -> bool:
    often = case.callbacks >= rules.contact_attempts and case.callback_days >= rules.contact_days
    return case.is_anonymous or case.was_answered or often


# R53: fed back to the unit and to that day's or the closing leader, who mark it as read once.
def _evaluation_unread(case: CaseFacts, actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    if actor.roles & UNIT_ROLES:
        return not case.unit_has_read
    own = actor.approves_today or actor.id == case.confirmed_by_id
    return own and not case.leader_has_read


def _bad_evaluation_open(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    return case.has_open_bad_evaluation


def _verdict_pending(case: CaseFacts, _actor: Actor, _now: dt.datetime, _rules: Rules) -> bool:
    ruled = case.verdict in (Verdict.MISTAKEN, Verdict.UNREASONABLE)
    return ruled and not case.verdict_approved


# D-26, T26: bad again after the second round, and the leader decides.
def _redo_limit_reached(case: CaseFacts, _actor: Actor, _now: dt.datetime, rules: Rules) -> bool:
    justified = case.has_open_bad_evaluation
    return justified and case.round_no >= rules.max_rounds


def _within_reopen(case: CaseFacts, _actor: Actor, now: dt.datetime, _rules: Rules) -> bool:
    return case.reopen_until is not None and now <= case.reopen_until


CHECKS: dict[Code, Check] = {
    Code.NOT_LEAD_UNIT: _lead_unit,
    Code.NOT_CO_UNIT: _co_unit,
    Code.ALREADY_SIGNED: _unsigned,
    Code.NOT_SIGNED_YET: _signed,
    Code.ALREADY_DISPATCHED: _never_dispatched,
    Code.CONFIDENTIAL_HEAD_ONLY: _head_if_confidential,
    Code.REPORTER_CONFIDENTIAL: _not_confidential,
    Code.NOT_AUTHORISED_TO_SIGN_OFF: _may_sign_off,
    Code.NOT_DUTY_LEADER_TODAY: _approves_today,
    Code.OWN_REQUEST: _not_own_request,
    Code.OWN_CASE: _not_handler,
    Code.HANDLING_UNIT_MAY_NOT_RATE: _not_handling_unit,
    Code.OWN_EVALUATION: _not_evaluator,
    Code.ABOUT_SECTION: _not_about_office,
    Code.NOT_ABOUT_SECTION: _about_section,
    Code.NOT_ABOUT_LEADER: _about_leader,
    Code.NO_EXTENSION_PENDING: _extension_pending,
    Code.EXTENSION_PENDING: _no_extension_pending,
    Code.EXTENSION_COUNT: _extension_left,
    Code.EXTENSION_CAP: _extension_days_left,
    Code.EXTENSION_NOT_RUN_OUT: _extension_run_out,
    Code.GROUP_DECIDED: _no_group_limit,
    Code.EXPLANATION_MISSING: _explained_if_complex,
    Code.CLASS_GROUND_MISSING: _explained,
    Code.RETURN_TOO_LATE: _return_in_time,
    Code.RETURN_USED: _return_unused,
    Code.RETURN_FINAL: _lead_not_final,
    Code.NO_RETURN_PENDING: _return_pending,
    Code.RETURN_PENDING: _no_return_pending,
    Code.SECOND_DISPUTE: _first_dispute,
    Code.PAST_DUE: _not_past_due,
    Code.CLASS_NOT_RAISABLE: _class_raisable,
    Code.CLASS_ASKED: _class_not_asked,
    Code.CLASS_NOT_ASKED: _class_asked,
    Code.DECISION_MISSING: _decision_recorded,
    Code.ANONYMOUS_NOT_RATED: _not_anonymous,
    Code.ANONYMOUS_NO_PHONE: _not_anonymous,
    Code.EVALUATION_EXISTS: _not_rated_yet,
    Code.EVALUATION_WINDOW_OPEN: _window_over,
    Code.CALLBACK_MISSING: _called_back,
    Code.NOTHING_TO_READ: _evaluation_unread,
    Code.NO_BAD_EVALUATION: _bad_evaluation_open,
    Code.NO_VERDICT_PENDING: _verdict_pending,
    Code.REDO_LIMIT_NOT_REACHED: _redo_limit_reached,
    Code.REOPEN_TOO_LATE: _within_reopen,
}
"""Each refusal code of the table with the question that must be answered yes."""
