"""What 周报 and 月报 share: figures in the letter, the ledger attached, readers by settings."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from app.actions.people import accounts_with
from app.actions.summaries import Sender, Summary
from app.actions.visibility import sight_of
from app.domain.notice_kinds import NoticeKind
from app.domain.schedules import Days, Schedule
from app.domain.states import Role
from app.domain.workdays import WorkCalendar
from app.extensions import db
from app.jobs.job import JobResult
from app.jobs.turns import each_site, last_slot, work_page
from app.models import Account, OutgoingFile, Site
from app.reports.figures import Period
from app.reports.period_report import (
    figure_lines,
    figures_of,
    ledger_ids,
    ledger_of,
    period_words,
)

# The settings `weekly_to_…` and `monthly_to_…` end in these.
READERS = {
    "section": Role.SUPERVISOR,
    "leaders": Role.DUTY_LEADER,
    "head": Role.GROUP_HEAD,
    "members": Role.GROUP_MEMBER,
}
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Rhythm:
    """One of the two reports: `setting` begins the names of its settings and its keys."""

    name: str
    kind: NoticeKind
    setting: str
    title: str
    schedule: Schedule
    past: Callable[[WorkCalendar, dt.datetime], Period]


def send(rhythm: Rhythm, now: dt.datetime) -> JobResult:
    """Queue the report of the past period; each person has it once, however late it is run."""
    slot = last_slot(rhythm.name, rhythm.schedule, now)
    sender = Sender(now=now)

    def send_site(site: Site, calendar: WorkCalendar) -> int:
        if not _is_turn(rhythm.schedule.days, calendar, now, slot):
            return 0
        period = rhythm.past(calendar, now)
        return _Report(rhythm, site, period, sender).send()

    return each_site(send_site, unit="人次")


def _is_turn(
    days: Days, calendar: WorkCalendar, now: dt.datetime, slot: dt.datetime | None
) -> bool:
    """Return whether the time of the first working day of the week or month has come.

    A run missed on that day is made up on any later one of the same week or month.
    """
    today = now.date()
    first = today.replace(day=1) if days is Days.MONTHLY else today - today.weekday() * DAY
    if not calendar.first < first <= today <= calendar.last:
        return False
    worked = calendar.next_workday(first - DAY)
    return today > worked or (today == worked and slot is not None)


@dataclass
class _Report:
    """One site's report; who sees the same cases gets the same letter and the same file."""

    rhythm: Rhythm
    site: Site
    period: Period
    sender: Sender
    _letters: dict[object, tuple[list[str], tuple[int, ...]]] = field(default_factory=dict)
    _files: dict[tuple[int, ...], OutgoingFile] = field(default_factory=dict)

    def send(self) -> int:
        """Queue it to everybody it goes to; return to how many."""
        return sum(self._send_to(person) for person in self._people())

    def _people(self) -> list[Account]:
        rules, setting = self.sender.rules, self.rhythm.setting
        roles = [r for name, r in READERS.items() if getattr(rules, f"{setting}_to_{name}")]
        found = [a for role in roles for a in accounts_with(role, site_id=self.site.id)]
        return list({person.id: person for person in found}.values())

    def _send_to(self, person: Account) -> bool:
        key = f"{self.rhythm.setting}:{self.site.id}:{self.period.start:%Y-%m-%d}"
        if not self.sender.needs(person, key):
            return False
        sight, words = sight_of(person), period_words(self.period)
        if sight not in self._letters:
            figures = figures_of(person, site=self.site, period=self.period)
            ids = ledger_ids(person, site=self.site, period=self.period)
            self._letters[sight] = figure_lines(figures), ids
        lines, ids = self._letters[sight]
        values = {"期间": words, "服务场所": self.site.name, "件数": str(len(ids))}
        body = self._body(lines, len(ids))
        short = f"{words}：{'；'.join(lines)}。"
        letter = Summary(self.rhythm.kind, key, body, short, values, self._file(ids))
        return self.sender.send(person, letter)

    def _body(self, lines: list[str], listed: int) -> str:
        words, link = period_words(self.period), work_page()
        parts = [
            f"{self.site.name}“办不成事”反映窗口{words}{self.rhythm.title}",
            "\n".join(lines),
            f"附件为本期登记的问题台账（{listed}件），姓名、电话已作隐去处理。",
        ]
        if link:
            parts.append(f"详情请登录系统：{link}")
        return "\n\n".join(parts) + "\n"

    def _file(self, ids: tuple[int, ...]) -> OutgoingFile:
        """Return the ledger of these cases, written once a run for all who get the same."""
        if ids not in self._files:
            name = f"{period_words(self.period)}问题台账.xlsx"
            content = ledger_of(ids, site=self.site, period=self.period)
            file = OutgoingFile(name=name, content=content, created_at=self.sender.now)
            db.session.add(file)
            self._files[ids] = file
        return self._files[ids]
