"""What must hold of the stages at every instant of 2019 to 2026, beside the tables by hand."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.deadlines import dispatch_due_at, due_at, extended_due_at
from app.domain.notice_kinds import WARNINGS, NoticeKind
from app.domain.rules import Rules
from app.domain.stages import Clocks, crossed, crossings, next_look, sent_at
from app.domain.states import DueBasis, LimitClass, State
from app.official import default_calendar
from tests.domain.test_deadline_properties import instants, spells
from tests.domain.test_stages import RULES

CALENDAR = default_calendar()
BASES = (DueBasis.LIMIT, DueBasis.EXTENSION, DueBasis.GROUP, DueBasis.REDO)
WARNED_OF = {
    NoticeKind.DISPATCH_SOON: NoticeKind.DISPATCH_LATE,
    NoticeKind.REMINDER: NoticeKind.RED,
    NoticeKind.YELLOW: NoticeKind.RED,
}


def is_open(moment: dt.datetime) -> bool:
    return any(start <= moment <= end for start, end in CALENDAR.spans(moment.date()))


@st.composite
def clocks(draw: st.DrawFn) -> Clocks:
    """Return a case submitted, handed over and extended at any times, in any state."""
    submitted = draw(instants)
    issued = submitted + draw(spells)
    limit = draw(st.sampled_from(LimitClass))
    basis = draw(st.sampled_from(BASES))
    due = due_at(CALENDAR, issued, limit.days).at
    told = issued
    if basis is not DueBasis.LIMIT:
        due = extended_due_at(CALENDAR, due, draw(st.integers(1, 7))).at
        told = issued + draw(spells)
    return Clocks(
        state=draw(st.sampled_from(State)), lead_unit_id=1, limit_class=limit, due_basis=basis,
        submitted_at=submitted, dispatch_due_at=dispatch_due_at(CALENDAR, submitted)[0],
        dispatched_at=issued, due_from_at=issued, due_at=due, due_computed_at=told,
        escalated_at=issued, eval_until=due, verify_due_at=due, unsigned_since=(issued,),
        lacks_explanation=draw(st.booleans()), is_extension_waiting=draw(st.booleans()),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(clocks(), st.integers(0, 120))
def test_warnings_fall_inside_office_hours_and_before_what_they_warn_of(
    case: Clocks, ahead: int
) -> None:
    found = {c.kind: c.at for c in crossings(case, CALENDAR, Rules(warn_ahead_minutes=ahead or 30))}
    handed_over = {case.submitted_at, case.due_from_at, case.due_computed_at}
    for kind in WARNINGS & set(found):
        # Whoever hands over at night is answered at night.
        assert is_open(found[kind]) or found[kind] in handed_over
        warned_of = found.get(WARNED_OF[kind]) or found.get(NoticeKind.GROUP_REVIEW)
        assert warned_of is not None
        assert found[kind] < warned_of


@settings(max_examples=300, deadline=None)
@given(instants)
def test_a_message_leaves_in_office_hours_and_as_soon_as_it_may(moment: dt.datetime) -> None:
    leaves = sent_at(CALENDAR, moment)
    assert leaves >= moment
    assert is_open(leaves)
    assert CALENDAR.working_seconds(moment, leaves) == 0
    assert sent_at(CALENDAR, leaves) == leaves


@settings(max_examples=300, deadline=None)
@given(clocks(), spells)
def test_the_next_look_lies_ahead_and_passes_no_stage(case: Clocks, later: dt.timedelta) -> None:
    assert case.submitted_at is not None
    now = case.submitted_at + later
    found = crossings(case, CALENDAR, RULES)
    ahead = next_look(found, now)
    assert ahead is None or ahead > now
    until = ahead or dt.datetime.max.replace(tzinfo=now.tzinfo)
    assert not [each for each in found if now < each.at < until]


@settings(max_examples=300, deadline=None)
@given(clocks(), spells, spells)
def test_what_was_crossed_stays_crossed_unless_overtaken(
    case: Clocks, first: dt.timedelta, second: dt.timedelta
) -> None:
    assert case.submitted_at is not None
    now = case.submitted_at + first
    found = crossings(case, CALENDAR, RULES)
    lost = set(crossed(found, now)) - set(crossed(found, now + second))
    assert lost <= WARNINGS
