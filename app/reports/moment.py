"""Who looks, when, by which rules and calendars: read once, however many rows follow."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.facts import facts_of
from app.actions.office import load_rules
from app.actions.people import actor_of, roles_of
from app.domain.facts import Actor
from app.domain.rules import Rules
from app.domain.states import Action, ComplaintAbout, Role
from app.domain.workdays import WorkCalendar
from app.domain.workflow import allowed_actions
from app.extensions import db
from app.models import Account, Case, Site
from app.reports.standing import Standing, standing
from app.reports.waiting import Viewer


@dataclass
class Moment:
    """One look at the office by one person."""

    person: Account
    now: dt.datetime
    _calendars: dict[int, WorkCalendar] = field(default_factory=dict)
    _actors: dict[tuple[int, bool], Actor] = field(default_factory=dict)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The person's business roles."""
        return roles_of(self.person)

    @cached_property
    def rules(self) -> Rules:
        """The rules in force."""
        return load_rules()

    @cached_property
    def site_ids(self) -> list[int]:
        """The sites whose cases the person may see at all."""
        if self.person.site_id is not None:
            return [self.person.site_id]
        return list(db.session.execute(select(Site.id).order_by(Site.sort_order)).scalars())

    @property
    def calendars(self) -> dict[int, WorkCalendar]:
        """The working calendar of each of these sites."""
        return {site_id: self.calendar(site_id) for site_id in self.site_ids}

    @cached_property
    def viewer(self) -> Viewer:
        """The person as the reports on waiting work see him."""
        leads = frozenset(s for s in self.site_ids if self.actor(s).approves_today)
        heads = frozenset(
            s for s in self.site_ids if self.actor(s, ComplaintAbout.LEADER).approves_today
        )
        return Viewer(self.person, self.now, self.rules, leads, heads)

    def calendar(self, site_id: int) -> WorkCalendar:
        """Return a site's calendar."""
        if site_id not in self._calendars:
            self._calendars[site_id] = calendar_of(site_id)
        return self._calendars[site_id]

    def actor(self, site_id: int, about: ComplaintAbout | None = None) -> Actor:
        """Return the person as the workflow sees him today at a site, on a complaint `about`."""
        key = (site_id, about is ComplaintAbout.LEADER)  # all others have the same signing leader
        if key not in self._actors:
            self._actors[key] = actor_of(
                self.person, site_id=site_id, day=self.now.date(), about=about
            )
        return self._actors[key]

    def allowed(self, case: Case) -> tuple[Action, ...]:
        """Return what the person may do with a case now."""
        facts = facts_of(case, calendar=self.calendar(case.site_id), rules=self.rules)
        actor = self.actor(case.site_id, case.complaint_about)
        return allowed_actions(facts, actor, self.now, self.rules)

    def standing(self, case: Case) -> Standing:
        """Return where a case stands now."""
        calendar = self.calendar(case.site_id)
        return standing(case, calendar=calendar, rules=self.rules, now=self.now)
