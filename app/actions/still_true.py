"""Whether news that waited is still true: nobody is told of what is over."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, cast

from sqlalchemy import Row, select

from app.actions.calendars import calendar_of
from app.actions.channels import CHANNELS
from app.actions.office import load_rules
from app.actions.watch import read_clocks
from app.domain.calendar_parts import CalendarError
from app.domain.notice_kinds import STAGES, NoticeKind
from app.domain.stages import RUNNING, Clocks, crossed, crossings
from app.domain.states import State, SupervisionKind
from app.domain.words import word
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.models import Account, Case, Evaluation, MeasureDraft, Slip

# Cases and people asked for in one statement.
PART = 500
CLOSED = frozenset({State.ARCHIVED, State.WITHDRAWN, State.MERGED, State.REJECTED})
GONE = "收件人账号已停用，不再发送"
UNREACHABLE = "收件人没有可用的地址，不再发送"
SWITCHED_OFF = "该发送渠道已停用，不再发送"
OTHER_UNIT = "事项已不由收件人所在单位办理，不再发送"
REARMED = "办理时限已变化，不再发送"
OVER = "情况已变化，不再发送"
MOVED_ON = "事项现为“{state}”，不再发送"


class Told(NamedTuple):
    """What has to be known of a notice to judge it."""

    id: int
    recipient_id: int
    channel: str
    case_id: int | None
    kind: NoticeKind
    round_no: int
    created_at: dt.datetime


@dataclass
class _Now:
    """A case as it stands; `live` holds each unit's slips: when issued, and whether signed."""

    case: Row[Any]
    clocks: Clocks
    live: dict[int, list[tuple[dt.datetime, bool]]] = field(default_factory=dict)
    drafts: set[tuple[SupervisionKind, int]] = field(default_factory=set)
    stages: frozenset[NoticeKind] | None = None
    verdict_waits: bool = False

    @cached_property
    def is_armed_anew(self) -> bool:
        """Return whether its clock has changed since the scan looked last."""
        return self.clocks.key != self.case.alarm_key

    @property
    def closed_at(self) -> dt.datetime | None:
        return self.case.archived_at or self.case.withdrawn_at


def _in(*states: State) -> Callable[[_Now], bool]:
    return lambda now: now.case.state in states


# News that asks for something is over when the case has gone on; the rest while it is open.
NEEDS: dict[NoticeKind, Callable[[_Now], bool]] = {
    NoticeKind.TO_DISPATCH: _in(State.TO_DISPATCH),
    NoticeKind.RETURNED: _in(State.DRAFT),
    NoticeKind.TO_SIGN: _in(*RUNNING),
    NoticeKind.ASSIGNED: _in(*RUNNING),
    NoticeKind.RETURN_ASKED: lambda now: now.case.is_return_pending,
    NoticeKind.RETURN_REFUSED: _in(*RUNNING),
    NoticeKind.ASK_CLASS: lambda now: now.case.is_class_asked,
    NoticeKind.EXTENSION_ASKED: lambda now: now.case.is_extension_pending,
    NoticeKind.EXTENSION_REFUSED: _in(*RUNNING),
    NoticeKind.EXTENDED: _in(*RUNNING),
    NoticeKind.GROUP_REVIEW: _in(State.GROUP_REVIEW),
    NoticeKind.TO_CONFIRM_DECISION: _in(State.GROUP_REVIEW),
    NoticeKind.TO_CONFIRM: _in(State.TO_CONFIRM),
    NoticeKind.SENT_BACK: _in(*RUNNING),
    NoticeKind.REDO: _in(*RUNNING),
    NoticeKind.VERDICT_ASKED: lambda now: now.verdict_waits,
    NoticeKind.VERDICT_REFUSED: lambda now: now.clocks.verify_due_at is not None,
}
DRAFTS = {
    NoticeKind.MEASURE_DRAFTED: SupervisionKind.NOTICE,
    NoticeKind.INTERVIEW_ADVISED: SupervisionKind.INTERVIEW,
}
COLUMNS = (
    Case.id, Case.site_id, Case.state, Case.round_no, Case.lead_unit_id, Case.limit_class,
    Case.due_basis, Case.submitted_at, Case.dispatch_due_at, Case.dispatched_at,
    Case.due_from_at, Case.due_at, Case.due_computed_at, Case.escalated_at, Case.eval_until,
    Case.eval_level, Case.is_anonymous, Case.verify_due_at, Case.archived_at,
    Case.withdrawn_at, Case.is_class_asked, Case.is_extension_pending, Case.is_return_pending,
    Case.alarm_key, Case.alarm_round,
)  # fmt: skip


class Judge:
    """Judges many notices at one instant; a fixed number of statements for each 500 cases.

    What it found for one person holds for the others of his unit; it may be asked again in the
    next transaction of the same run.
    """

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.rules = load_rules()
        self._calendars: dict[int, WorkCalendar] = {}
        self._known: dict[tuple[object, ...], str] = {}
        self.people: dict[int, Account] = {}

    def untrue(self, notices: Iterable[Told]) -> dict[int, str]:
        """Return notice id → why it is not sent any more; the others are still true."""
        found: dict[int, str] = {}
        of_case: dict[int, list[Told]] = defaultdict(list)
        notices = list(notices)
        self._meet(notice.recipient_id for notice in notices)
        for notice in notices:
            why = self.why_unreachable(notice.recipient_id, notice.channel)
            if not why and notice.case_id is not None:
                known = self._known.get(self._key(notice))
                if known is None:
                    of_case[notice.case_id].append(notice)
                why = known or ""
            if why:
                found[notice.id] = why
        for keys in parts(sorted(of_case)):
            for key, now in _read(keys).items():
                reasons = ((notice.id, self._judge(notice, now)) for notice in of_case[key])
                found.update((key, why) for key, why in reasons if why)
        return found

    def _key(self, notice: Told) -> tuple[object, ...]:
        unit = self.people[notice.recipient_id].unit_id
        return (notice.case_id, notice.kind, notice.round_no, notice.created_at, unit)

    def _judge(self, notice: Told, now: _Now) -> str:
        key = self._key(notice)
        if key not in self._known:
            self._known[key] = self._why_not(notice, now)
        return self._known[key]

    def why_unreachable(self, account_id: int, channel: str) -> str:
        """Return why a channel does not lead to the person any more; blank if it does."""
        if account_id not in self.people:
            self._meet([account_id])
        person = self.people[account_id]
        if not person.active:
            return GONE
        if not CHANNELS[channel].is_on(self.rules):
            return SWITCHED_OFF
        return "" if CHANNELS[channel].address(person) else UNREACHABLE

    def _meet(self, account_ids: Iterable[int]) -> None:
        for keys in parts(sorted(set(account_ids) - self.people.keys())):
            query = select(Account).where(Account.id.in_(keys))
            self.people.update((a.id, a) for a in db.session.execute(query).scalars())

    def _why_not(self, notice: Told, now: _Now) -> str:
        unit = self.people[notice.recipient_id].unit_id
        if unit is not None and unit not in now.live and unit != now.case.lead_unit_id:
            return OTHER_UNIT
        if notice.kind in STAGES:
            return self._why_no_stage(notice, now, unit)
        if now.case.state in CLOSED:
            # What was written as it closed, or since, is news of just that.
            is_news_of_it = now.closed_at is not None and notice.created_at >= now.closed_at
            return "" if is_news_of_it else _moved_on(now)
        if notice.kind in NEEDS and not NEEDS[notice.kind](now):
            return _moved_on(now)
        if notice.kind is NoticeKind.TO_SIGN and not _waits_for_signature(notice, now, unit):
            return OVER
        return ""

    def _why_no_stage(self, notice: Told, now: _Now, unit: int | None) -> str:
        if now.is_armed_anew or notice.round_no != now.case.alarm_round:
            return _moved_on(now) if now.case.state in CLOSED else REARMED
        draft = DRAFTS.get(notice.kind)
        if draft is not None and (draft, notice.round_no) not in now.drafts:
            return OVER
        # An interview is advised with the red card already, where a unit has too many of them.
        kind = NoticeKind.RED if draft is SupervisionKind.INTERVIEW else notice.kind
        if kind not in self._stages(now):
            return OVER if now.case.state in RUNNING else _moved_on(now)
        if kind is NoticeKind.UNSIGNED and not _waits_for_signature(notice, now, unit):
            return OVER
        return ""

    def _stages(self, now: _Now) -> frozenset[NoticeKind]:
        if now.stages is None:
            try:
                ahead = crossings(now.clocks, self._calendar(now.case.site_id), self.rules)
                now.stages = frozenset(crossed(ahead, self.now))
            except CalendarError:
                # A calendar that contradicts itself takes back nothing that was seen.
                now.stages = STAGES
        return now.stages

    def _calendar(self, site_id: int) -> WorkCalendar:
        if site_id not in self._calendars:
            self._calendars[site_id] = calendar_of(site_id)
        return self._calendars[site_id]


def parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the keys in parts that fit into one statement."""
    for start in range(0, len(keys), PART):
        yield keys[start : start + PART]


def _moved_on(now: _Now) -> str:
    return MOVED_ON.format(state=word(now.case.state))


def _waits_for_signature(notice: Told, now: _Now, unit: int | None) -> bool:
    """Return whether the unit still has to sign for a slip that was there when it was told."""
    slips = now.live.get(unit, ()) if unit is not None else ()
    return any(not signed and issued_at <= notice.created_at for issued_at, signed in slips)


def _read(keys: Collection[int]) -> dict[int, _Now]:
    """Return the cases as they stand, past the session: nothing here is edited."""
    rows = db.session.execute(select(*COLUMNS).where(Case.id.in_(keys))).all()
    clocks = read_clocks(cast("Sequence[Case]", rows))
    found = {row.id: _Now(row, clocks[row.id]) for row in rows}
    slips = select(Slip.case_id, Slip.unit_id, Slip.issued_at, Slip.signed_at).where(
        Slip.case_id.in_(keys), Slip.is_void.is_(False)
    )
    for case_id, unit_id, issued_at, signed_at in db.session.execute(slips):
        found[case_id].live.setdefault(unit_id, []).append((issued_at, signed_at is not None))
    drafts = select(MeasureDraft.case_id, MeasureDraft.kind, MeasureDraft.round_no).where(
        MeasureDraft.case_id.in_(keys), MeasureDraft.settled_at.is_(None)
    )
    for case_id, kind, round_no in db.session.execute(drafts):
        found[case_id].drafts.add((kind, round_no))
    verdicts = select(Evaluation.case_id).where(
        Evaluation.case_id.in_(keys), Evaluation.verdict.is_not(None),
        Evaluation.approved_at.is_(None),
    )  # fmt: skip
    for case_id in db.session.execute(verdicts).scalars():
        found[case_id].verdict_waits = found[case_id].case.state is State.TO_EVALUATE
    return found
