"""Who looks at what, when: the facts that one request's forms, buttons and previews share."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from flask import abort
from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.extensions import days_left
from app.actions.facts import facts_of
from app.actions.moves import Move
from app.actions.office import load_rules
from app.actions.people import actor_of, approving_leader, group_members
from app.actions.visibility import visible
from app.domain.facts import Actor, CaseFacts
from app.domain.refusals import Refusal
from app.domain.rules import Rules
from app.domain.states import Action, ComplaintAbout, DictKind, State
from app.domain.workdays import WorkCalendar
from app.domain.workflow import TABLE, allowed_actions, check
from app.extensions import db
from app.models import Account, Case, DictEntry, GroupMember, Site, Unit
from app.models.phone import phone_marks
from app.views.discreet import in_list

Pair = tuple[int, str]
MOST_TARGETS = 200


@dataclass
class Scene:
    """A person before a case (or before an empty 接待登记) at an instant; reads each thing once."""

    site_id: int
    by: Account
    now: dt.datetime
    case: Case | None = None

    @cached_property
    def rules(self) -> Rules:
        """Return the office's rules."""
        return load_rules()

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Return the site's working days."""
        return calendar_of(self.site_id)

    @cached_property
    def actor(self) -> Actor:
        """Return the person as the workflow sees them here and today."""
        return actor_of(self.by, site_id=self.site_id, day=self.now.date(), about=self.about)

    @cached_property
    def allowed(self) -> tuple[Action, ...]:
        """Return what this person may do to the case now."""
        if self.case is None:
            return ()
        return allowed_actions(self._facts, self.actor, self.now, self.rules)

    def why_not(self, action: Action) -> Refusal | None:
        """Return what stands against an action now, or None."""
        try:
            check(action, self._facts, self.actor, self.now, self.rules)
        except Refusal as refusal:
            return refusal
        return None

    @cached_property
    def _facts(self) -> CaseFacts:
        if self.case is None:
            raise LookupError("only a case has facts")
        return facts_of(self.case, calendar=self.calendar, rules=self.rules)

    @property
    def as_move(self) -> Move:
        """Return the case as a move sees it, for questions that change nothing."""
        if self.case is None:
            raise LookupError("a move needs its case")
        line = next(t for t in TABLE if t.action is Action.APPLY_EXTENSION)
        return Move(self.case, line, self.by, self.now, self.rules, self.calendar)

    @cached_property
    def extension_left(self) -> int:
        """Return how many working days may still be asked for."""
        return days_left(self.as_move)

    @cached_property
    def leader(self) -> Account | None:
        """Return who signs as 带班领导 today."""
        return approving_leader(site_id=self.site_id, day=self.now.date(), about=self.about)

    @property
    def about(self) -> ComplaintAbout | None:
        """Return whom the case complains about, which decides who signs as its leader."""
        return self.case.complaint_about if self.case else None

    @cached_property
    def units(self) -> list[Pair]:
        """Return the site's units in official order."""
        query = (
            select(Unit.id, Unit.name)
            .where(Unit.site_id == self.site_id, Unit.is_active.is_(True))
            .order_by(Unit.sort_order, Unit.id)
        )
        return [(key, name) for key, name in db.session.execute(query)]

    @cached_property
    def members(self) -> list[GroupMember]:
        """Return the leading group of today in rank order."""
        return group_members(site_id=self.site_id, day=self.now.date())

    @cached_property
    def causes(self) -> list[Pair]:
        """Return the causes a result may name, each under its upper level."""
        entries = self.words(DictKind.CAUSE)
        uppers = {entry.parent_id for entry in entries}
        names = {entry.id: entry.name for entry in entries}
        return [
            (e.id, f"{names[e.parent_id]}—{e.name}" if e.parent_id in names else e.name)
            for e in sorted(entries, key=lambda e: _rank(e, entries))
            if e.id not in uppers
        ]

    def words(self, kind: DictKind) -> list[DictEntry]:
        """Return the office's words of a kind in their order."""
        query = (
            select(DictEntry)
            .where(DictEntry.kind == kind.value, DictEntry.is_active.is_(True))
            .order_by(DictEntry.sort_order, DictEntry.id)
        )
        return list(db.session.execute(query).scalars())

    @cached_property
    def merge_targets(self) -> list[Pair]:
        """Return the numbered cases another one may join, the same phone first, newest next."""
        if self.case is None:
            return []
        gone = (State.DRAFT, State.REJECTED, State.WITHDRAWN, State.MERGED)
        query = (
            visible(self.by)
            .where(Case.site_id == self.site_id, Case.state.not_in(gone), Case.id != self.case.id)
            .order_by(Case.phone_mark.in_(phone_marks(self.case.phone)).desc(), Case.id.desc())
            .limit(MOST_TARGETS)
        )
        return [
            (c.id, f"{c.ledger_no} {in_list(c.item_name, c)}")
            for c in db.session.execute(query).scalars()
        ]


def _rank(entry: DictEntry, entries: list[DictEntry]) -> tuple[int, int, int]:
    upper = next((e for e in entries if e.id == entry.parent_id), entry)
    return upper.sort_order, upper.id, entry.sort_order


def site_of(person: Account) -> int:
    """Return the site a person works at; whoever serves all sites starts at the first."""
    if person.site_id is not None:
        return person.site_id
    query = select(Site.id).where(Site.is_active.is_(True)).order_by(Site.sort_order, Site.id)
    return db.session.execute(query.limit(1)).scalar_one_or_none() or abort(404)
