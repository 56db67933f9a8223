"""Every address of the running application, with the object that each of its parts names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.fab.api import PREFIX
from tests.guards.test_endpoints import ACTIONS
from tests.walk.made import Made, Story

# Styles and scripts are the same for everybody.
STATIC = (".static", "static", "office.favicon")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What a part of an address names: a table of the stories, by endpoint or by the part alone.
TABLES = {
    "case_id": "cases", "export_id": "export_requests", "run_id": "import_runs",
    "draft_id": "measure_drafts", "visit_id": "leader_visits", "site_id": "sites",
    "exclusion_id": "score_exclusions", "token_id": "api_tokens", "slip_id": "slips",
    "unit_id": "units",
    "AttachmentView.row_id": "attachments", "SuperviseView.row_id": "supervisions",
    "PaperFormView.measure.row_id": "supervisions",
    "PaperFormView.rejection.row_id": "rejections", "RejectionView.pk": "rejections",
    "LeaderVisitView.pk": "leader_visits", "IntakeView.case_id": "drafts",
    "CaseEntryApi.case_id": "drafts",
}  # fmt: skip
# What they say that is no object's number.
FIXED = {
    "CaseMoves.action": "contact", "CaseMoveApi.action": "contact", "month": "2026-10",
    "year": "2026", "ending": "docx", "locale": "zh", "key": "extension",
    "JobsView.name": "heartbeat", "name": "none",
    "ImportView.kind": "units", "NoticeTemplateView.kind": "red", "filename": "none",
}  # fmt: skip
# What an address names behind the question mark: {pk} is the object.
QUERIES = {
    "PasswordView": ("?pk={pk}", "ab_user"), "RoleAssignView": ("?pk={pk}", "ab_user"),
    "JobScheduleView": ("?name=scan-deadlines", ""), "CounterStartView": ("?series=ledger", ""),
    "CalendarDayView": ("?day=2026-10-20&site={pk}", "sites"),
    "LeaderRosterDayView": ("?day=2026-10-20&site={pk}", "sites"),
    "ScoreWriteView.exclude_form": ("?kind=red&record={pk}", "waiting"),
    "ScoreWriteView.exclude": ("?kind=red&record={pk}", "waiting"),
    "ScoreWriteView.correct_form": ("?unit={pk}&kind=red", "units"),
    "ScoreWriteView.correct": ("?unit={pk}&kind=red", "units"),
    "ScoreView.records": ("?unit={pk}&kind=red", "units"),
    "PaperView.ledgers": ("?id={pk}", "cases"), "PaperView.some_slips": ("?id={pk}", "slips"),
}  # fmt: skip
# Of all offices together.
SHARED = {"dict_entries", "legal_bases", "audit_entries"}
PART = re.compile(r"<(?:[^:<>]+:)?(\w+)>")


@dataclass(frozen=True)
class Place:
    """One address and method; of a list's row actions one for each action."""

    rule: Rule
    method: str
    view: Any = None
    action: str = ""

    @property
    def endpoint(self) -> str:
        """Return the endpoint's name."""
        return str(self.rule.endpoint)

    @property
    def handler(self) -> Any:
        """Return the method that answers, None for what is no view's."""
        return getattr(self.view, self.endpoint.partition(".")[2], None)

    @cached_property
    def parts(self) -> list[str]:
        """Return the parts of the address that something is put in for."""
        return [part for part in PART.findall(self.rule.rule) if not self._fixed(part)]

    @property
    def is_api(self) -> bool:
        """Return whether this is an address of the REST interface."""
        return self.rule.rule.startswith(PREFIX)

    @property
    def is_idle(self) -> bool:
        """Return whether this is the row action of a list that has none."""
        return self.endpoint.endswith(ACTIONS) and not self.action

    @property
    def has_object(self) -> bool:
        """Return whether the address, or what is sent, names an object."""
        if self.is_idle:
            return False
        return bool(self.parts) or bool(self._query[1]) or self.endpoint.endswith(".action_post")

    @property
    def of_an_office(self) -> bool:
        """Return whether the object belongs to an office; lists and jobs belong to all of them."""
        tables = {self._named(TABLES, part) or self._table for part in self.parts}
        return bool(tables - {"", *SHARED})

    def address(self, story: Story, person: int) -> str:
        """Return the address of the story's object, the person's own where it can be."""
        path = PART.sub(lambda found: self._value(found[1], story, person), self.rule.rule)
        words, table = self._query
        return path + words.format(pk=story.row(table, person) if table else "")

    def body(self, story: Story, person: int) -> dict[str, str]:
        """Return what a form here sends at the least."""
        if not self.endpoint.endswith(".action_post"):
            return {}
        return {"action": self.action, "rowid": str(story.row(self._table, person))}

    @property
    def title(self) -> str:
        """Return the address as a person reads it."""
        words = self.rule.rule.replace("<string:name>", self.action or "<name>")
        return words + (f" action={self.action}" if self.endpoint.endswith(".action_post") else "")

    def _value(self, part: str, story: Story, person: int) -> str:
        if part == "name" and self.action:
            return self.action
        fixed = self._fixed(part)
        if fixed:
            return fixed
        return str(story.row(self._named(TABLES, part) or self._table, person) or 1)

    def _fixed(self, part: str) -> str:
        return self.action if part == "name" and self.action else self._named(FIXED, part)

    def _named(self, among: dict[str, str], part: str) -> str:
        view = self.endpoint.partition(".")[0]
        keys = (f"{self.endpoint}.{part}", f"{view}.{part}", part)
        return next((among[key] for key in keys if key in among), "")

    @property
    def _query(self) -> tuple[str, str]:
        view = self.endpoint.partition(".")[0]
        return QUERIES.get(self.endpoint) or QUERIES.get(view) or ("", "")

    @property
    def _table(self) -> str:
        model = getattr(getattr(self.view, "datamodel", None), "obj", None)
        return str(getattr(model, "__tablename__", ""))


def places(app: Flask) -> Iterator[Place]:
    """Yield every address and method but those of styles and scripts."""
    views = {view.endpoint: view for view in app.appbuilder.baseviews}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith(STATIC):
            continue
        view = views.get(rule.endpoint.partition(".")[0])
        for method in METHODS:
            if method not in rule.methods:
                continue
            if not rule.endpoint.endswith(ACTIONS):
                yield Place(rule, method, view)
                continue
            # A list without row actions answers 404 whatever is named.
            for name in sorted(getattr(view, "actions", {})) or [""]:
                yield Place(rule, method, view, name)


def send(made: Made, key: str, place: Place, story: Story) -> Any:
    """Send the least that this person can send there; whatever was changed is put back."""
    person = made.people.get(key, 0)
    sent: dict[str, Any] = {"headers": made.headers(key, is_api=place.is_api)}
    if place.method != "GET":
        sent |= {"json": {"version": 0}} if place.is_api else {"data": place.body(story, person)}
    answer = made.browsers[key].open(place.address(story, person), method=place.method, **sent)
    made.put_back(key)
    return answer
