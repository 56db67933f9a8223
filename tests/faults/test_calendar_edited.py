"""The calendar is edited under 500 open cases and busy clients: no due time is left behind."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.people import system_account
from app.actions.recompute import LABEL, recompute_open_cases
from app.domain.states import State
from app.extensions import db
from app.models import CaseEvent
from app.unit_of_work import trial, unit_of_work
from tests.factories import at
from tests.faults.desk import Walkers, contact, open_office, orders_for, serving, submit
from tests.faults.hands import Hands
from tests.faults.journal import Journal
from tests.faults.ledger import compare
from tests.faults.outcome import Outcome, times

CASES = times("open_cases", 500)
# After hours: what is submitted now is to be dispatched on the next working day.
EVENING = at("2026-10-12 18:20")
# The due day of every slip of that Monday, closed and opened again: each edit moves each case.
EDITS = (
    ("2026-10-13", "closed"),
    ("2026-10-14", "closed"),
    ("2026-10-13", "normal"),
    ("2026-10-13", "closed"),
    ("2026-10-14", "normal"),
    ("2026-10-14", "closed"),
)

Tell = Callable[[Outcome], Outcome]


def edit(admin: Hands, journal: Journal, day: str, kind: str) -> None:
    """Decide about a day through the form, and count it."""
    path = f"/calendar/day/form?day={day}&site=1"
    form = admin.patient_form(path, "//form[.//*[@name='notice_no']]")
    assert form is not None
    answer = admin.post(path, form.filled(kind=kind, notice_no="办〔2026〕1号", note=day))
    assert answer.is_done, (answer.status, answer.text[-2000:])
    journal.count("edits")


def edit_under_load(
    app: Flask, folder: Path, journal: Journal, *, cases: int, off: tuple[str, ...] = ()
) -> Outcome:
    """Edit the calendar again and again while clients move old cases and new ones."""
    office = open_office()
    with unit_of_work():
        ids = [office.case_in(State.HANDLING).id for _ in range(cases)]
    db.session.rollback()
    orders = orders_for(app, folder, EVENING, workers=2, is_slow=True, off=list(off))
    with serving(orders) as server, Walkers(server.port, journal, 3) as walkers:
        visitors = [threading.Thread(target=call_reporters, args=[walkers, ids])]
        visitors += [threading.Thread(target=register, args=[walkers, n]) for n in range(3)]
        for visitor in visitors:
            visitor.start()
        admin = Hands(server.port, journal)
        admin.log_in("sys_admin-1")
        for day, kind in EDITS:
            walkers.wait_for_progress(3)
            edit(admin, journal, day, kind)
        walkers.stopping.set()
        for visitor in visitors:
            visitor.join(timeout=60)
    outcome = compare(f"calendar edited under {cases} cases", journal, times=len(EDITS),
                      is_guarded=not off)  # fmt: skip
    outcome.half_done += left_behind() + told_wrongly(ids)
    return outcome


def call_reporters(walkers: Walkers, ids: list[int]) -> None:
    """Write calls into the old cases."""
    head = walkers.person("land_head")
    while not walkers.stopping.is_set():
        contact(head, random.choice(ids), "旧件")


def register(walkers: Walkers, n: int) -> None:
    """Submit one case after another: an edit cannot wait for a case that it does not see yet."""
    officer, count = walkers.person("officer"), 0
    while not walkers.stopping.is_set():
        count += 1
        submit(officer, f"登记{n}-{count}")


def left_behind() -> list[str]:
    """Return how many due times another look at the calendar would change."""
    with trial():
        changed = recompute_open_cases(
            site_id=1, calendar=calendar_of(1), by=system_account(), now=EVENING, why="核对"
        )
    return [f"{changed} due times are of an old calendar"] if changed else []


def told_wrongly(ids: list[int]) -> list[str]:
    """Return the old cases whose due time was not computed anew once for each edit."""
    query = select(CaseEvent.case_id).where(CaseEvent.label == LABEL, CaseEvent.case_id.in_(ids))
    counts = Counter(db.session.scalars(query))
    return [f"case {key}: {counts[key]} times" for key in ids if counts[key] != len(EDITS)]


def test_no_due_time_is_left_behind(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(edit_under_load(app, tmp_path, journal, cases=CASES))
    assert outcome.wrong == []
    assert outcome.acknowledged > len(EDITS)


# SQLite has one writer: nobody reckons while somebody else changes the days.
@pytest.mark.postgresql_only
def test_without_the_hold_some_are(
    app: Flask, session: object, tmp_path: Path, journal: Journal, tell: Tell
) -> None:
    outcome = tell(
        edit_under_load(app, tmp_path, journal, cases=min(CASES, 200), off=("calendar",))
    )
    assert any("old calendar" in text for text in outcome.half_done)
