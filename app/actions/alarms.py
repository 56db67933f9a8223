"""The scan: which stages cases have crossed since they were last looked at, and who is told."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import joinedload

from app.actions.audience import Audience
from app.actions.calendars import hold_calendar
from app.actions.group import escalate
from app.actions.ladder import Ladder
from app.actions.notices import News, about_case, rows_for, write_notices
from app.actions.office import load_rules
from app.actions.people import system_account
from app.actions.templates import Templates, load_templates, render, values_for
from app.actions.watch import read_clocks
from app.domain.notice_kinds import STAGES, NoticeKind
from app.domain.rules import Rules
from app.domain.stages import Clocks, crossed, crossings, next_look
from app.extensions import db
from app.models import Account, Case, Notice
from app.models.notice import SITE_CHANNEL

log = logging.getLogger(__name__)

# Cases looked at in one transaction: a second or two, in which others wait to write.
BATCH = 500
# A case that could not be looked at is tried again, and does not stop the others.
TRY_AGAIN = dt.timedelta(minutes=5)


@dataclass
class Looked:
    """What one batch did: cases looked at, notices written, cases that failed (by number)."""

    cases: int = 0
    told: int = 0
    escalated: int = 0
    failed: list[str] = field(default_factory=list)
    is_full: bool = False


def look(*, now: dt.datetime, batch: int = BATCH) -> Looked:
    """Look at the cases whose time has come, oldest first, and tell what they crossed.

    Writes notices, 催办, drafts of measures and escalations in the caller's transaction. A case in
    the middle of a move is left for the next look.
    """
    keys = list(
        db.session.execute(
            select(Case.id)
            .where(Case.next_look_at <= now)
            .order_by(Case.next_look_at, Case.id)
            .limit(batch)
        ).scalars()
    )
    if not keys:
        return Looked()
    hold_calendar()  # before the cases, as every move does
    done = _Scan(_locked(keys), now=now).run()
    done.is_full = len(keys) == batch
    return done


def _locked(keys: Sequence[int]) -> list[Case]:
    query = (
        select(Case)
        .where(Case.id.in_(keys))
        .order_by(Case.id)
        .options(joinedload(Case.lead_unit), joinedload(Case.site))
        .with_for_update(skip_locked=True, key_share=True, of=Case)
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())


class _Scan:
    """One batch at one instant, with what it looks up more than once."""

    def __init__(self, cases: Sequence[Case], *, now: dt.datetime) -> None:
        self.cases, self.now = cases, now
        self.rules: Rules = load_rules()
        self.templates: Templates = load_templates()
        self.system: Account = system_account()
        self.audience = Audience(cases, now=now)
        self.ladder = Ladder(cases, by=self.system, now=now)
        self.told = _told(cases)
        self.done = Looked()
        self.rows: list[dict[str, Any]] = []
        self.looks: list[dict[str, Any]] = []

    def run(self) -> Looked:
        """Look at every case and write what was found."""
        clocks = read_clocks(self.cases)
        for case in self.cases:
            try:
                self._look_at(case, clocks[case.id])
            except Exception:
                log.exception("case %s could not be looked at", case.id)
                self.done.failed.append(case.ledger_no or str(case.id))
                self._look_later(case, self.now + TRY_AGAIN)
        db.session.flush()
        self.ladder.write()
        write_notices(self.rows)
        self._write_looks()
        self.done.cases, self.done.told = len(self.cases), len(self.rows)
        return self.done

    def _look_at(self, case: Case, clocks: Clocks) -> None:
        calendar = self.audience.calendar(case.site_id)
        stages = crossings(clocks, calendar, self.rules)
        armed = case.alarm_round + (clocks.key != case.alarm_key)
        kinds = crossed(stages, self.now)
        if NoticeKind.GROUP_REVIEW in kinds:
            # Asked for more in time: it waits for its approver (D-11).
            if not clocks.is_extension_waiting:
                self._escalate(case)
                return
            kinds.remove(NoticeKind.GROUP_REVIEW)
        # D-11：按时提出的延期申请尚未审批的，不因此催办承办窗口（科室）。
        if NoticeKind.RED in kinds and not clocks.is_extension_waiting:
            for kind in self.ladder.urge(case, armed, self.rules):
                self._tell(case, kind, armed)
        for kind in kinds:
            if self._is_new(case, kind, armed) and self.ladder.step(case, kind, armed):
                self._tell(case, kind, armed)
        self._look_later(case, next_look(stages, self.now), armed, clocks.key)

    def _is_new(self, case: Case, kind: NoticeKind, armed: int) -> bool:
        # Slips of one case are issued and left unsigned at different times.
        return kind is NoticeKind.UNSIGNED or (kind, armed) not in self.told[case.id]

    def _tell(self, case: Case, kind: NoticeKind, armed: int) -> None:
        told = self.told[case.id].setdefault((kind, armed), set())
        people = [p for p in self.audience.of(case, kind, self.rules) if p.id not in told]
        told |= {person.id for person in people}
        template = self.templates[kind]
        words = render(template, values_for(case, kind, rules=self.rules))
        news = News(about_case(case.id), kind, armed, *words, case_id=case.id)
        calendar = self.audience.calendar(case.site_id)
        self.rows += rows_for(
            news, people, template, calendar=calendar, rules=self.rules, now=self.now
        )

    def _escalate(self, case: Case) -> None:
        """延期届满：to the leading group (R32); the move itself tells whom it concerns."""
        with db.session.begin_nested():
            escalate(case, by=self.system, now=self.now)
        self.done.escalated += 1

    def _look_later(
        self, case: Case, at: dt.datetime | None, armed: int | None = None, key: str | None = None
    ) -> None:
        self.looks.append(
            {
                "case_key": case.id,
                "at": at,
                "armed": case.alarm_round if armed is None else armed,
                "armed_with": case.alarm_key if key is None else key,
            }
        )

    def _write_looks(self) -> None:
        """Written past the ORM: a person's open form must not grow stale because we looked."""
        if not self.looks:
            return
        table = Case.__table__
        statement = (
            update(table)
            .where(table.c.id == bindparam("case_key"))
            .values(
                next_look_at=bindparam("at", type_=table.c.next_look_at.type),
                alarm_round=bindparam("armed"),
                alarm_key=bindparam("armed_with"),
            )
        )
        db.session.connection().execute(statement, self.looks)
        db.session.expire_all()


# Of one case: stage and arming of its clock → who was told.
Told = dict[tuple[NoticeKind, int], set[int]]


def _told(cases: Iterable[Case]) -> dict[int, Told]:
    """Return what was told already of the stages of each case."""
    keys = {about_case(case.id): case.id for case in cases}
    found: dict[int, Told] = defaultdict(dict)
    rows = db.session.execute(
        select(Notice.about, Notice.kind, Notice.round_no, Notice.recipient_id).where(
            Notice.about.in_(keys), Notice.kind.in_(STAGES), Notice.channel == SITE_CHANNEL
        )
    )
    for about, kind, round_no, person in rows:
        found[keys[about]].setdefault((kind, round_no), set()).add(person)
    return found
