"""What the workflow rules look at: the facts of a case and of the person acting on it."""

import datetime as dt
from dataclasses import dataclass, field

from app.domain.states import (
    ComplaintAbout,
    DueBasis,
    EvalLevel,
    LimitClass,
    Role,
    State,
    Verdict,
)


@dataclass(frozen=True)
class Actor:
    """A person (or a job) about to act.

    `approves_today` is true for the one person who signs as 带班领导 of the case's site today:
    the rostered leader, else the substitute, else the head of the group (D-34).
    """

    id: int
    roles: frozenset[Role]
    site_id: int | None = None
    unit_id: int | None = None
    unit_may_sign_off: bool = False
    approves_today: bool = False


@dataclass(frozen=True)
class CaseFacts:
    """The part of a case that decides who may do what now; built by `actions.facts`."""

    state: State
    site_id: int
    registered_by_id: int | None = None
    is_anonymous: bool = False
    is_confidential: bool = False
    complaint_about: ComplaintAbout | None = None
    limit_class: LimitClass | None = None
    lead_unit_id: int | None = None
    co_unit_ids: frozenset[int] = frozenset()
    unsigned_unit_ids: frozenset[int] = frozenset()
    was_dispatched: bool = False
    all_unit_ids: frozenset[int] = frozenset()
    round_no: int = 1
    due_at: dt.datetime | None = None
    due_basis: DueBasis | None = None
    explained: bool = False
    class_changed: bool = False
    class_asked: bool = False
    extension_applicant_id: int | None = None
    extension_asked_late: bool = False
    extension_count: int = 0
    extension_total: int = 0
    return_requester_unit_id: int | None = None
    return_count: int = 0
    returned_by_units: tuple[int, ...] = ()  # a unit as often as it asked
    return_until: dt.datetime | None = None
    lead_is_final: bool = False
    result_by_id: int | None = None
    decision_recorded: bool = False
    eval_level: EvalLevel | None = None
    eval_entered_by_id: int | None = None
    verdict: Verdict | None = None
    verdict_approved: bool = False
    confirmed_by_id: int | None = None
    unit_has_read: bool = True
    leader_has_read: bool = True
    eval_until: dt.datetime | None = None
    callbacks: int = 0
    callback_days: int = 0
    was_answered: bool = False  # a call that was taken, also by somebody who would not rate
    reopen_until: dt.datetime | None = None
    handler_ids: frozenset[int] = field(default_factory=frozenset)

    @property
    def has_extension_pending(self) -> bool:
        """延期待批."""
        return self.extension_applicant_id is not None

    @property
    def has_return_pending(self) -> bool:
        """退回待审."""
        return self.return_requester_unit_id is not None

    @property
    def has_open_bad_evaluation(self) -> bool:
        """A bad review of this round that nobody has ruled on yet."""
        return self.eval_level is not None and self.eval_level.is_bad and self.verdict is None
