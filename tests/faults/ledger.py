"""The whole database held against itself and against what clients were told was done."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from sqlalchemy import Select, func, select

from app.actions import audit
from app.domain.notice_kinds import NoticeKind
from app.domain.states import Action
from app.extensions import db
from app.models import Case, CaseEvent, Contact, Notice, Outgoing, Reception, Result, Slip
from app.models import Counter as CounterRow
from tests.faults.journal import Deed, Journal
from tests.faults.outcome import Outcome

# Where the token of a deed is found, once for each time it was done.
FOUND: dict[str, Select[tuple[str]]] = {
    "submit": select(Case.item_name).where(Case.ledger_no.is_not(None)),
    "edit": select(Case.narrative),
    "dispatch": select(Slip.content),
    "contact": select(Contact.note),
    "resolve": select(Result.handling_note),
}
# A move without a text of its own is found by its case.
BY_EVENT = {"sign": Action.SIGN, "confirm": Action.CONFIRM, "approve": Action.APPROVE_EXTENSION}
# What a move tells somebody, in the transaction of the move.
TELLS = {
    Action.SUBMIT: NoticeKind.TO_DISPATCH,
    Action.DISPATCH: NoticeKind.TO_SIGN,
    Action.RESOLVE: NoticeKind.TO_CONFIRM,
    Action.CONFIRM: NoticeKind.CONFIRMED,
    Action.RETURN_DRAFT: NoticeKind.RETURNED,
}


def compare(fault: str, journal: Journal, *, times: int, is_guarded: bool = True) -> Outcome:
    """Return what the database says to the journal; the session's view is new."""
    db.session.rollback()
    db.session.expire_all()
    counts = {kind: found(kind) for kind in {deed.kind for deed in journal.tried}}
    return Outcome(
        fault,
        times,
        acknowledged=len(journal.acknowledged),
        missing=[str(deed) for deed in journal.acknowledged if not _count(counts, deed)],
        doubled=[str(deed) for deed in set(journal.tried) if _count(counts, deed) > 1],
        half_done=half_done(),
        note=", ".join(f"{answer} {n}" for answer, n in sorted(journal.answers.items())),
        is_guarded=is_guarded,
    )


def _count(counts: dict[str, Counter[str]], deed: Deed) -> int:
    return counts[deed.kind][deed.token]


def found(kind: str) -> Counter[str]:
    """Return how often each token of a kind stands in the database."""
    if kind in BY_EVENT:
        query = select(CaseEvent.case_id).where(CaseEvent.action == BY_EVENT[kind])
        return Counter(str(case_id) for case_id in db.session.scalars(query))
    return Counter(db.session.scalars(FOUND[kind]))


def half_done() -> list[str]:
    """Return whatever is there in part: every case, number, notice and link of the chain."""
    return [*_cases(), *_notices(), *_numbers(), *_letters(), *_chain()]


def _cases() -> Iterable[str]:
    """A case is as its last event left it, has as many as it counted, and the rows they speak of.

    Drafts that were saved again count up without a line in the timeline.
    """
    events: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in db.session.scalars(select(CaseEvent).order_by(CaseEvent.id)):
        events[event.case_id].append(event)
    dispatched = set(db.session.scalars(select(Slip.case_id)))
    finished = set(db.session.scalars(select(Result.case_id)))
    for case in db.session.scalars(select(Case)):
        own = events.pop(case.id, [])
        actions = {event.action for event in own}
        if not own or own[-1].new_state is not case.state:
            yield f"case {case.id} is {case.state}, its events say otherwise"
        if len(own) > case.event_count or case.version < case.event_count:
            yield f"case {case.id} counts {case.event_count}, has {len(own)} events"
        if Action.SUBMIT in actions and case.ledger_no is None:
            yield f"case {case.id} was submitted without a number"
        if (Action.DISPATCH in actions) != (case.id in dispatched):
            yield f"case {case.id}: dispatched, or slips, not both"
        if (Action.RESOLVE in actions) != (case.id in finished) and (
            Action.RESOLVE_ON_SPOT not in actions
        ):
            yield f"case {case.id}: resolved, or a result, not both"
    yield from (f"events of no case: {case_id}" for case_id in events)


def _notices() -> Iterable[str]:
    """Whoever a move tells was told once, and nobody is told of a move that is not there."""
    told = Counter(
        (row.about, row.kind, row.round_no, row.recipient_id, row.channel)
        for row in db.session.execute(
            select(Notice.about, Notice.kind, Notice.round_no, Notice.recipient_id, Notice.channel)
        )
    )
    yield from (f"told {n} times: {key}" for key, n in told.items() if n > 1)
    rounds = {(about, kind, round_no) for about, kind, round_no, *_who in told}
    kinds = Counter((about, kind) for about, kind, _round in rounds)
    moves = Counter(
        (f"case:{case_id}", TELLS[action])
        for case_id, action in db.session.execute(
            select(CaseEvent.case_id, CaseEvent.action).where(CaseEvent.action.in_(TELLS))
        )
    )
    for (about, kind), n in moves.items():
        if kinds[about, kind] < n:
            yield f"{about}: {kind} was moved {n} times, told {kinds[about, kind]}"
    for (about, kind), n in kinds.items():
        if kind is NoticeKind.TO_DISPATCH and n > moves[about, kind]:
            yield f"{about}: {kind} was told {n} times, moved {moves[about, kind]}"


def _numbers() -> Iterable[str]:
    """Numbers are drawn from 1 on without a gap, each once, and the counter stands at the last."""
    counters = {
        (row.site_id, row.series, row.period): row.last_no
        for row in db.session.scalars(select(CounterRow))
    }
    drawn: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for site_id, year, number in db.session.execute(
        select(Slip.site_id, Slip.year_no, Slip.slip_no)
    ):
        drawn[site_id, "slip", str(year)].append(number)
    for site_id, text in db.session.execute(
        select(Case.site_id, Case.ledger_no).where(Case.ledger_no.is_not(None))
    ):
        drawn[site_id, "ledger", text[:4]].append(int(text[5:]))
    for site_id, text in db.session.execute(select(Reception.site_id, Reception.reception_no)):
        drawn[site_id, "reception", text[2:10]].append(int(text[11:]))
    for key, numbers in drawn.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"numbers {key} are not 1 to {len(numbers)}"
        if counters.get(key) != max(numbers):
            yield f"counter {key} stands at {counters.get(key)}, last is {max(numbers)}"


def _letters() -> Iterable[str]:
    """A message is written once."""
    query = select(Outgoing.message_id).group_by(Outgoing.message_id).having(func.count() > 1)
    yield from (f"letter {key} twice" for key in db.session.scalars(query) if key)


def _chain() -> Iterable[str]:
    """The 审计日志 holds, and has an entry for each event and no other."""
    yield from (f"chain: {fault}" for fault in audit.verify(anchors={}))
