"""The table of the workflow: one line per transition T2–T30, read by workflow and the docs."""

from dataclasses import dataclass

from app.domain.refusals import Code
from app.domain.states import Action, Role, State

_A, _C, _R, _S = Action, Code, Role, State


@dataclass(frozen=True)
class Transition:
    """One line: `action` is open in `sources` to `who` when every condition holds.

    `targets` are the states it may lead to; empty means that the state stays, and some lines with
    targets may also stay (a bad rating waits for its verification). `fields` must be filled.
    """

    code: str
    action: Action
    sources: frozenset[State]
    targets: tuple[State, ...]
    who: frozenset[Role]
    conditions: tuple[Code, ...] = ()
    fields: tuple[str, ...] = ()


def _line(
    code: str,
    action: Action,
    sources: tuple[State, ...],
    targets: tuple[State, ...],
    who: tuple[Role, ...],
    conditions: tuple[Code, ...] = (),
    fields: tuple[str, ...] = (),
) -> Transition:
    return Transition(code, action, frozenset(sources), targets, frozenset(who), conditions, fields)


_UNIT = (_R.UNIT_HANDLER, _R.UNIT_HEAD)
_LEADERS = (_R.DUTY_LEADER, _R.GROUP_HEAD)  # GROUP_HEAD only as stand-in: approves_today decides
_WORKING = (_S.HANDLING, _S.REDO)
_OPEN = (_S.TO_DISPATCH, _S.TO_SIGN, _S.HANDLING, _S.GROUP_REVIEW, _S.TO_CONFIRM, _S.REDO)
OPEN_STATES = frozenset(_OPEN)
_NUMBERED = (*_OPEN, _S.TO_EVALUATE, _S.ARCHIVED)
_OWN = (_C.NOT_LEAD_UNIT, _C.CONFIDENTIAL_HEAD_ONLY)
_TODAY = (_C.NOT_DUTY_LEADER_TODAY,)
_REJECTION = ("ground", "legal_basis", "explain_text", "referred_to")
_RESULT = (
    "result_type", "is_achieved", "handling_note", "reply_text", "reply_mode", "replied_at",
    "cause_id",
)  # fmt: skip

# A table reads best with a transition in two or three lines.
# fmt: off
TABLE: tuple[Transition, ...] = (
    _line(
        "T2", _A.REJECT, (_S.DRAFT,), (_S.REJECTED,), (_R.DUTY_OFFICER,),
        fields=_REJECTION,
    ),
    _line(
        "T3", _A.SUBMIT, (_S.DRAFT,), (_S.TO_DISPATCH,), (_R.DUTY_OFFICER, _R.DUTY_LEADER),
        fields=("category", "item_name", "narrative", "is_informed"),
    ),
    _line(
        "T4", _A.RESOLVE_ON_SPOT, (_S.DRAFT,), (_S.TO_CONFIRM,), (_R.DUTY_OFFICER,),
        fields=("lead_unit_id", "unit_person", "result_type", "handling_note", "reply_text"),
    ),
    _line(
        "T5", _A.RETURN_DRAFT, (_S.TO_DISPATCH,), (_S.DRAFT,), (_R.SUPERVISOR,),
        (_C.ALREADY_DISPATCHED,), ("reason",),
    ),
    _line(
        "T6", _A.REJECT_LATE, (_S.TO_DISPATCH,), (_S.REJECTED,), (_R.SUPERVISOR,),
        fields=(*_REJECTION, "informed_by", "informed_at"),
    ),
    # R18, R20: only 督办考核科; D-22 takes complaints about it or a leader out of its hands.
    _line(
        "T7", _A.DISPATCH, (_S.TO_DISPATCH,), (_S.TO_SIGN,), (_R.SUPERVISOR,),
        (_C.ABOUT_SECTION,), ("lead_unit_id", "content", "limit_class"),
    ),
    _line(
        "T7", _A.DISPATCH, (_S.TO_DISPATCH,), (_S.TO_SIGN,), (_R.GROUP_HEAD,),
        (_C.NOT_ABOUT_LEADER,), ("lead_unit_id", "content", "limit_class"),
    ),
    _line(
        "T7", _A.DISPATCH, (_S.TO_DISPATCH,), (_S.TO_SIGN,), _LEADERS,
        (_C.NOT_ABOUT_SECTION, *_TODAY), ("lead_unit_id", "content", "limit_class"),
    ),
    _line(
        "T7", _A.VOID_SLIPS, (_S.TO_SIGN,), (_S.TO_DISPATCH,), (_R.SUPERVISOR,),
        (_C.RETURN_PENDING,), ("reason",),
    ),
    _line(
        "T7", _A.ADD_CO_UNIT, (_S.TO_SIGN, _S.HANDLING), (), (_R.SUPERVISOR,),
        fields=("unit_id", "content"),
    ),
    _line(
        "T8", _A.SIGN, (_S.TO_SIGN,), (_S.HANDLING,), _UNIT,
        (*_OWN, _C.ALREADY_SIGNED),
    ),
    _line(
        "T8", _A.SIGN, _WORKING, (), _UNIT, (*_OWN, _C.ALREADY_SIGNED),
    ),
    _line(
        "T8", _A.SIGN_CO, (_S.TO_SIGN, *_WORKING), (), _UNIT,
        (_C.NOT_CO_UNIT, _C.CONFIDENTIAL_HEAD_ONLY, _C.ALREADY_SIGNED),
    ),
    _line(
        "T8", _A.CO_REPLY, (_S.TO_SIGN, *_WORKING), (), _UNIT,
        (_C.NOT_CO_UNIT, _C.CONFIDENTIAL_HEAD_ONLY, _C.NOT_SIGNED_YET), ("reply_text",),
    ),
    _line(
        "T9", _A.REQUEST_RETURN, (_S.TO_SIGN, _S.HANDLING), (), (_R.UNIT_HEAD,),
        (*_OWN, _C.RETURN_FINAL, _C.RETURN_PENDING, _C.RETURN_USED, _C.RETURN_TOO_LATE),
        ("reason", "suggest_unit_id"),
    ),
    _line(
        "T10", _A.REASSIGN, (_S.TO_SIGN, _S.HANDLING), (_S.TO_SIGN,), (_R.SUPERVISOR,),
        (_C.NO_RETURN_PENDING, _C.SECOND_DISPUTE), ("lead_unit_id",),
    ),
    _line(
        "T10", _A.RELEASE, (_S.TO_SIGN, _S.HANDLING), (_S.TO_DISPATCH,), (_R.SUPERVISOR,),
        (_C.NO_RETURN_PENDING, _C.SECOND_DISPUTE), ("reason",),
    ),
    _line(
        "T11", _A.REFUSE_RETURN, (_S.TO_SIGN, _S.HANDLING), (), (_R.SUPERVISOR,),
        (_C.NO_RETURN_PENDING, _C.SECOND_DISPUTE), ("reason",),
    ),
    _line(
        "T12", _A.ASSIGN_LEAD, (_S.TO_SIGN, _S.HANDLING), (_S.TO_DISPATCH,), _LEADERS,
        (*_TODAY, _C.NO_RETURN_PENDING), ("lead_unit_id", "opinion"),
    ),
    _line(
        "T13", _A.CONTACT, _WORKING, (), _UNIT, _OWN,
        ("contacted_at", "mode", "note"),
    ),
    _line(
        "T13", _A.EXPLAIN, _WORKING, (), _UNIT, _OWN,
        ("basic_facts", "verification", "policy_basis", "difficulty", "proposal"),
    ),
    _line(
        "T14", _A.ASK_CLASS, (_S.HANDLING,), (), (_R.UNIT_HEAD,),
        (*_OWN, _C.CLASS_NOT_RAISABLE, _C.CLASS_ASKED, _C.CLASS_GROUND_MISSING, _C.PAST_DUE),
        ("complex_grounds", "reason"),
    ),
    _line(
        "T14", _A.CHANGE_CLASS, (_S.HANDLING,), (), (_R.SUPERVISOR,),
        (_C.CLASS_NOT_RAISABLE, _C.CLASS_NOT_ASKED, _C.CLASS_GROUND_MISSING, _C.PAST_DUE),
        ("complex_grounds",),
    ),
    _line(
        "T15", _A.APPLY_EXTENSION, (_S.HANDLING,), (), (_R.UNIT_HEAD,),
        (*_OWN, _C.GROUP_DECIDED, _C.EXTENSION_PENDING, _C.EXTENSION_COUNT, _C.EXTENSION_CAP,
         _C.EXPLANATION_MISSING),
        ("days", "reason", "work_done"),
    ),
    # R30: the section sees and may comment, but cannot approve.
    _line(
        "T15", _A.COMMENT_EXTENSION, (_S.HANDLING,), (), (_R.SUPERVISOR,),
        (_C.NO_EXTENSION_PENDING,), ("opinion",),
    ),
    _line(
        "T16", _A.APPROVE_EXTENSION, (_S.HANDLING,), (), _LEADERS,
        (_C.NO_EXTENSION_PENDING, *_TODAY, _C.OWN_REQUEST, _C.OWN_CASE), ("days", "opinion"),
    ),
    _line(
        "T17", _A.REFUSE_EXTENSION, (_S.HANDLING,), (), _LEADERS,
        (_C.NO_EXTENSION_PENDING, *_TODAY, _C.OWN_REQUEST, _C.OWN_CASE), ("opinion",),
    ),
    _line(
        "T18", _A.ESCALATE, (_S.HANDLING,), (_S.GROUP_REVIEW,), (_R.SYSTEM,),
        (_C.EXTENSION_NOT_RUN_OUT,),
    ),
    _line(
        "T18", _A.ESCALATE, (_S.HANDLING,), (_S.GROUP_REVIEW,), _LEADERS, _TODAY, ("reason",),
    ),
    _line(
        "T19", _A.RECORD_DECISION, (_S.GROUP_REVIEW,), (), (_R.SUPERVISOR,),
        fields=("met_at", "chair_id", "attendee_ids", "decision_type", "decision",
                "lead_unit_id"),
    ),
    _line(
        "T19", _A.CONFIRM_DECISION, (_S.GROUP_REVIEW,), (_S.HANDLING, _S.TO_CONFIRM),
        (_R.GROUP_HEAD,), (_C.DECISION_MISSING,),
    ),
    _line(
        "T20", _A.RESOLVE, (_S.HANDLING,), (_S.TO_CONFIRM,), _UNIT,
        (*_OWN, _C.NOT_AUTHORISED_TO_SIGN_OFF, _C.NOT_SIGNED_YET, _C.EXPLANATION_MISSING), _RESULT,
    ),
    _line(
        "T21", _A.SEND_BACK, (_S.TO_CONFIRM,), (_S.HANDLING, _S.REDO), (_R.SUPERVISOR,),
        fields=("reason",),
    ),
    _line(
        "T21", _A.SEND_BACK, (_S.TO_CONFIRM,), (_S.HANDLING, _S.REDO), _LEADERS, _TODAY,
        ("reason",),
    ),
    _line(
        "T22", _A.CONFIRM, (_S.TO_CONFIRM,), (_S.TO_EVALUATE,), _LEADERS,
        (*_TODAY, _C.OWN_CASE),
    ),
    _line(
        "T23", _A.CALL_BACK, (_S.TO_EVALUATE, _S.ARCHIVED), (), (_R.DUTY_OFFICER,),
        (_C.HANDLING_UNIT_MAY_NOT_RATE, _C.ANONYMOUS_NOT_RATED), ("outcome", "called_at"),
    ),
    _line(
        "T23", _A.EVALUATE, (_S.TO_EVALUATE,), (_S.ARCHIVED,), (_R.DUTY_OFFICER,),
        (_C.HANDLING_UNIT_MAY_NOT_RATE, _C.ANONYMOUS_NOT_RATED, _C.EVALUATION_EXISTS),
        ("level", "solved", "channel"),
    ),
    _line(
        "T23", _A.CLOSE_UNRATED, (_S.TO_EVALUATE,), (_S.ARCHIVED,),
        (_R.DUTY_OFFICER, _R.SUPERVISOR),
        (_C.EVALUATION_EXISTS, _C.EVALUATION_WINDOW_OPEN, _C.CALLBACK_MISSING),
    ),
    # R53: fed back to the unit and the leader, each with a read mark.
    _line(
        "T23", _A.READ_EVALUATION, (_S.TO_EVALUATE, _S.REDO, _S.ARCHIVED), (),
        (_R.UNIT_HEAD, _R.UNIT_HANDLER), (*_OWN, _C.NOTHING_TO_READ),
    ),
    _line(
        "T23", _A.READ_EVALUATION, (_S.TO_EVALUATE, _S.REDO, _S.ARCHIVED), (),
        (_R.DUTY_LEADER, _R.GROUP_HEAD), (_C.NOTHING_TO_READ,),
    ),
    _line(
        "T24", _A.VERIFY, (_S.TO_EVALUATE,), (_S.REDO,), (_R.SUPERVISOR,),
        (_C.NO_BAD_EVALUATION, _C.OWN_EVALUATION), ("verdict", "verify_note"),
    ),
    _line(
        "T25", _A.APPROVE_VERDICT, (_S.TO_EVALUATE,), (_S.ARCHIVED,), _LEADERS,
        (_C.NO_VERDICT_PENDING, *_TODAY, _C.OWN_EVALUATION), ("agreed", "opinion"),
    ),
    _line(
        "T26", _A.RESOLVE, (_S.REDO,), (_S.TO_CONFIRM,), _UNIT,
        (*_OWN, _C.NOT_AUTHORISED_TO_SIGN_OFF, _C.NOT_SIGNED_YET, _C.EXPLANATION_MISSING), _RESULT,
    ),
    _line(
        "T26", _A.DECIDE_AFTER_REDO, (_S.TO_EVALUATE,), (_S.ARCHIVED, _S.GROUP_REVIEW),
        _LEADERS, (_C.REDO_LIMIT_NOT_REACHED, *_TODAY), ("to_group", "opinion"),
    ),
    _line(
        "T27", _A.WITHDRAW, _OPEN, (_S.WITHDRAWN,), (_R.DUTY_OFFICER, _R.SUPERVISOR),
        fields=("reason", "proof"),
    ),
    _line(
        "T28", _A.MERGE, (_S.TO_DISPATCH,), (_S.MERGED,), (_R.SUPERVISOR,),
        fields=("target_id", "reason"),
    ),
    _line(
        "T29", _A.REOPEN, (_S.ARCHIVED,), (_S.REDO,), (_R.SUPERVISOR,),
        (_C.REOPEN_TOO_LATE,), ("reason",),
    ),
    _line(
        "T30", _A.SUPERVISE, _NUMBERED, (), (_R.SUPERVISOR,),
        fields=("kind", "ground", "requirement"),
    ),
    # domain/6.4: on another leader's day a leader reads only.
    _line(
        "T30", _A.SUPERVISE, _NUMBERED, (), _LEADERS, _TODAY, ("kind", "ground", "requirement"),
    ),
    _line("D-36", _A.CORRECT, _NUMBERED, (), (_R.SUPERVISOR,), fields=("field", "reason")),
    _line(
        "R44", _A.MARK_TYPICAL, (_S.TO_EVALUATE, _S.ARCHIVED), (), (_R.SUPERVISOR,),
    ),
    _line(
        "R61", _A.REVEAL_PHONE, (_S.DRAFT, *_NUMBERED, _S.WITHDRAWN, _S.MERGED, _S.REJECTED), (),
        (_R.DUTY_OFFICER, _R.SUPERVISOR, _R.DUTY_LEADER, _R.GROUP_HEAD),
        (_C.ANONYMOUS_NO_PHONE,),
    ),
    _line(
        "R61", _A.REVEAL_PHONE, (_S.TO_SIGN, *_WORKING, _S.TO_CONFIRM, _S.TO_EVALUATE), (),
        _UNIT, (*_OWN, _C.ANONYMOUS_NO_PHONE, _C.REPORTER_CONFIDENTIAL),
    ),
)
# fmt: on
"""T2–T30; T1 (登记) has no state before it and stands in REGISTER_ROLES."""

REGISTER_ROLES = frozenset({_R.DUTY_OFFICER, _R.DUTY_LEADER})
"""T1: who may open a 接待登记 (R13; a leader on his round, R35)."""
