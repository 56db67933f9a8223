"""Two offices with the same story told four times: one's own, a neighbour's, afar, in confidence.

Each story has words of its own that can be searched for in whatever a person is sent.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import func, select

from app.actions import extensions, group, intake, leaders, returns, supervision
from app.actions.api_tokens import digest_of
from app.domain.api_tokens import ApiScope, TokenKind
from app.domain.attachable import PaperKind
from app.domain.file_kinds import FileKind
from app.domain.import_kinds import ImportKind
from app.domain.notice_kinds import NoticeKind
from app.domain.states import (
    Category,
    ComplaintAbout,
    ConductType,
    EvalLevel,
    Half,
    LimitClass,
    Role,
    ScoreKind,
    SuperviseGround,
    SupervisionKind,
)
from app.extensions import db
from app.files import Shelf
from app.models import (
    Account,
    ApiToken,
    Attachment,
    Case,
    DutyShift,
    ExportRequest,
    ImportRun,
    MeasureDraft,
    Notice,
    Outgoing,
    ScoreExclusion,
    Timetable,
)
from tests.client import OfficeClient
from tests.databases import Backend, make_backend
from tests.factories import RESOLVED, SIGNED, Office, at, make_office
from tests.files import pdf

NOON = at("2026-10-13 11:00")
# Shown as itself by a page that escapes; a tag, an attribute or a formula by one that does not.
HOSTILE = """=1+<hk7 a="hk8'>{{7*7}}"""
# Whose rows a person has of his own.
MINE = {
    "notices": "recipient_id", "export_requests": "by_id", "import_runs": "by_id",
    "api_tokens": "account_id",
}  # fmt: skip
"""Tables whose rows are one person's."""


@dataclass
class Story:
    """One telling: the words that only it has, and its rows by table."""

    name: str
    words: dict[str, str]
    rows: dict[str, list[int]] = field(default_factory=dict)
    owners: dict[tuple[str, int], int] = field(default_factory=dict)

    def row(self, table: str, person: int = 0) -> int:
        """Return a row of the story's, 0 for none; of one's own story one's own, else another's."""
        found = self.rows.get(table) or [0]
        if table not in MINE:
            return found[0]
        is_own = self.name == "own"
        return next(
            (row for row in found if (self.owners.get((table, row)) == person) is is_own), 0
        )


@dataclass
class Made:
    """The offices as they stand, who is in them, and each story."""

    backend: Backend
    people: dict[str, int]
    stories: dict[str, Story]
    browsers: dict[str, OfficeClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)

    def headers(self, key: str, *, is_api: bool) -> dict[str, str]:
        """Return what somebody's requests bear: the page's token, or the interface's own."""
        if not is_api:
            return {"X-CSRFToken": self.tokens[key]}
        return {"Authorization": f"Bearer {token_of(self.people.get(key, 0))}"}

    def put_back(self, key: str) -> None:
        """Undo whatever was changed, in the database and in somebody's browser."""
        self.backend.restore()
        self.browsers[key]._cookies = dict(self.cookies[key])


# Who tries everything: the key in the factory's office, and the role.
PEOPLE = {
    "officer": Role.DUTY_OFFICER, "clerk": Role.SUPERVISOR, "land_handler": Role.UNIT_HANDLER,
    "land_head": Role.UNIT_HEAD, "leader": Role.DUTY_LEADER, "chief": Role.GROUP_HEAD,
    "m1": Role.GROUP_MEMBER, "viewer": Role.COUNTY_VIEWER, "sys_admin": Role.SYS_ADMIN,
    "sec_admin": Role.SEC_ADMIN, "auditor": Role.AUDITOR,
}  # fmt: skip
ROLELESS, STRANGER = "roleless", "stranger"


def token_of(account_id: int) -> str:
    """Return the token with which somebody's own program asks the interface."""
    return f"bj_walk_{account_id}"


def words_of(name: str, number: int) -> dict[str, str]:
    """Return the words of a story; the own one's are hostile too, the others' only to be found."""
    sign, prefix = "甲乙丙丁"[number], HOSTILE if name == "own" else ""
    return {
        "reporter_name": f"{prefix}郁{sign}东篱",
        "company_name": f"{prefix}采菊{sign}有限公司",
        "item_name": f"{prefix}南山{sign}备案",
        "narrative": f"{prefix}悠然见南山{sign}，{'经过' * 12}",
        "phone": f"1600000900{number}",
    }


@contextmanager
def made_office(name: str, folder: Path) -> Iterator[Made]:
    """Yield the offices on a database of their own; the clock stands still meanwhile."""
    backend = make_backend(name, folder, {"api": True})
    # What fails answers 500, as in real service, and the walk goes on.
    backend.app.config["PROPAGATE_EXCEPTIONS"] = False
    logging.disable(logging.WARNING)  # refusals are what is asked for, by the thousand
    with time_machine.travel(NOON, tick=False):
        made = _make(backend)
        _sign_in(made)
        with backend.app.app_context():
            db.session.remove()
            db.engine.dispose()
        backend.keep()
        backend.has_changed = False
        try:
            yield made
        finally:
            logging.disable(logging.NOTSET)
            with backend.app.app_context():
                db.engine.dispose()
            backend.close()


def _make(backend: Backend) -> Made:
    with backend.app.app_context():
        here, afar = make_office(1), make_office(2)
        here.add(ROLELESS)
        db.session.flush()
        shelf = Shelf(backend.app.config["SETTINGS"].instance / "attachments")
        tellings: dict[str, tuple[Office, str, dict[str, Any]]] = {
            "own": (here, "land", {}), "other": (here, "tax", {}), "afar": (afar, "land", {}),
            "secret": (here, "land", {
                "category": Category.CONDUCT, "conduct_type": ConductType.RUDE,
                "is_confidential": True, "complaint_about": ComplaintAbout.UNIT,
                "occurred_at": at("2026-10-09 11:40"),
            }),
        }  # fmt: skip
        made = Made(backend, {}, {})
        for number, (name, (office, unit, facts)) in enumerate(tellings.items()):
            story = made.stories[name] = Story(name, words_of(name, number))
            with _noting_rows(story):
                Telling(office, unit, story, facts).tell(shelf)
        made.people = {key: account.id for key, account in here.people.items()}
        db.session.commit()
    return made


@contextmanager
def _noting_rows(story: Story) -> Iterator[None]:
    """Note which rows of each table were added inside."""
    tables = [t for t in db.metadata.sorted_tables if "id" in t.c]
    before = {t.name: db.session.scalar(select(func.max(t.c.id))) or 0 for t in tables}
    yield
    db.session.flush()
    for table in tables:
        query = select(table.c.id).where(table.c.id > before[table.name]).order_by(table.c.id)
        story.rows[table.name] = list(db.session.scalars(query)) + story.rows.get(table.name, [])
        if table.name in MINE:
            person = table.c[MINE[table.name]]
            rows = db.session.execute(select(person, table.c.id).where(table.c.id.in_(query)))
            story.owners |= {(table.name, row): owner for owner, row in rows}


def _sign_in(made: Made) -> None:
    for key in (*PEOPLE, ROLELESS, STRANGER):
        app = made.backend.app
        browser = made.browsers[key] = OfficeClient(app, app.response_class)
        made.tokens[key] = browser.token()
        if key != STRANGER:
            browser.sign_in(made.people[key])
        made.cookies[key] = dict(browser._cookies)


@dataclass
class Telling:
    """One story while it is told."""

    office: Office
    unit: str
    story: Story
    facts: dict[str, Any]

    @property
    def said(self) -> str:
        """Return what is written into every other field of the story."""
        return self.story.words["item_name"]

    def draft(self) -> Case:
        """Return the reception that begins it."""
        return self.office.draft(**self.story.words, demand=self.said, **self.facts)

    def handled(self, limit: LimitClass = LimitClass.ONE_DAY) -> Case:
        """Return a case in the unit's hands."""
        case = self.office.submit(self.draft())
        return self.office.sign(self.office.dispatch(case, lead=self.unit, limit=limit))

    def tell(self, shelf: Shelf) -> None:
        """Make a row of every table that an address can name."""
        office, head = self.office, self.office.people[f"{self.unit}_head"]
        main = self.handled(LimitClass.THREE_DAYS)
        extensions.apply_extension(
            main, days=3, reason=self.said, work_done=self.said, by=head, now=RESOLVED
        )
        self._measures(main)
        self._attach(main, shelf, head)
        returns.request_return(
            self.handled(), reason=self.said, by=head, now=SIGNED,
            suggest_unit_id=office.units["build"].id,
        )  # fmt: skip
        reviewed = self.handled()
        group.escalate(reviewed, by=office.leader, now=RESOLVED, reason=self.said)
        office.decide(
            reviewed, met=at("2026-10-12 15:00"), due=at("2026-10-20 17:00"), decision=self.said
        )
        rated = office.confirm(office.resolve(self.handled(), reply_text=self.said))
        office.rate(rated, EvalLevel.BAD)
        if not self.facts:
            self._reject()
        draft, waiting = self.draft(), office.submit(self.draft())
        self.story.rows |= {"drafts": [draft.id], "waiting": [waiting.id], "rated": [rated.id]}
        self._at_the_office(main)

    def _reject(self) -> None:
        intake.reject(
            self.draft(), ground=self.office.ground.id, legal_basis=self.said,
            explain_text=self.said, referred_to=self.said[:40], by=self.office.officer,
            now=at("2026-10-12 09:10"),
        )  # fmt: skip

    def _measures(self, case: Case) -> None:
        office = self.office
        supervision.supervise(
            case, kind=SupervisionKind.NOTICE, ground=SuperviseGround.SLOW, requirement=self.said,
            feedback_due_at=at("2026-10-16 17:00"), by=office.clerk, now=RESOLVED,
        )  # fmt: skip
        db.session.add(
            MeasureDraft(
                site_id=office.site.id, kind=SupervisionKind.INTERVIEW, case_id=case.id,
                unit_id=office.units[self.unit].id, requirement=self.said, drafted_at=RESOLVED,
            )
        )  # fmt: skip

    def _attach(self, case: Case, shelf: Shelf, head: Account) -> None:
        stored = shelf.add([pdf(mark=self.story.name)])
        db.session.add(
            Attachment(
                case_id=case.id, paper=PaperKind.SLIP, record_id=case.slips[0].id,
                unit_id=head.unit_id, name=self.said, kind=FileKind.PDF, file_size=stored.size,
                sha256=stored.sha256, stored_name=stored.name, pages=1, note=self.said,
                attached_at=RESOLVED, attached_by_id=head.id, by_unit_id=head.unit_id,
            )
        )  # fmt: skip

    def _at_the_office(self, case: Case) -> None:
        """Rows of the site, told once a site; and a row for each person of the story."""
        office = self.office
        if self.story.name != "other" and self.story.name != "secret":
            leaders.check_in(
                site_id=office.site.id, seen=self.said, case_id=case.id, by=office.leader, now=NOON
            )
            db.session.add(
                DutyShift(
                    site_id=office.site.id, day=NOON.date(), half=Half.AM,
                    officer_id=office.officer.id,
                )
            )  # fmt: skip
        db.session.add(
            ScoreExclusion(
                site_id=office.site.id, month=dt.date(2026, 10, 1), kind=ScoreKind.RED,
                unit_id=office.units[self.unit].id, record_id=case.id, reason=HOSTILE,
                excluded_at=RESOLVED, by_id=office.clerk.id,
            )
        )  # fmt: skip
        for person in self._persons():
            _give_rows(person, case, self.said)
        unit = office.units[self.unit]
        self.story.rows |= {"units": [unit.id], "sites": [office.site.id]}
        self.story.rows |= {
            "ab_user": [office.people[f"{self.unit}_handler"].id],
            "group_members": [office.members["m2"].id],
            "timetables": list(
                db.session.scalars(
                    select(Timetable.id).where(Timetable.site_id == office.site.id)
                )
            ),
        }  # fmt: skip

    def _persons(self) -> list[Account]:
        """Return whose rows are told here: the neighbour's story has the neighbour's only."""
        if self.story.name == "other":
            return [self.office.people[f"{self.unit}_{post}"] for post in ("handler", "head")]
        if self.story.name == "secret":
            return []
        people = self.office.people.items()
        return [who for key, who in people if key != "system" and not key.startswith("tax_")]


def _give_rows(person: Account, case: Case, said: str) -> None:
    """Give somebody a message, an export and an import of his own."""
    db.session.add_all((
        Notice(
            recipient_id=person.id, kind=NoticeKind.RED, case_id=case.id,
            text=said, created_at=RESOLVED, about=f"walk:{case.id}",
        ),
        ExportRequest(
            listing="cases", query="", title="台账", by_id=person.id, asked_at=RESOLVED
        ),
        Outgoing(
            key=f"walk:{person.id}", channel="email", kind=NoticeKind.RED, recipient_id=person.id,
            address="a@example.cn", subject=said, body=said, created_at=RESOLVED,
            message_id=f"<{person.id}@example.cn>", next_try_at=RESOLVED,
        ),
        ImportRun(
            site_id=case.site_id, kind=ImportKind.UNITS, file_name=f"{said}.xlsx", file_size=9,
            sha256="0" * 64, uploaded_at=RESOLVED, by_id=person.id,
        ),
        # Used a moment ago: its next use is not worth an entry.
        ApiToken(
            token_hash=digest_of(token_of(person.id)), account_id=person.id, name=said,
            token_kind=TokenKind.PERSONAL, scope_text=" ".join(sorted(ApiScope)),
            issued_at=RESOLVED, expires_at=NOON + dt.timedelta(days=1), last_used_at=NOON,
        ),
    ))  # fmt: skip
