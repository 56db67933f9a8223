"""Summaries to one person: over every channel that reaches him, else as 站内消息, once a key."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, union

from app.actions.channels import MAIL, channels_to
from app.actions.office import load_rules
from app.actions.outbox import queue_message
from app.actions.templates import load_templates
from app.domain.message_text import fill
from app.domain.notice_kinds import NoticeKind, NoticeStatus
from app.extensions import db
from app.models import Account, Notice, Outgoing, OutgoingFile
from app.models.notice import SITE_CHANNEL


@dataclass(frozen=True)
class Summary:
    """What is sent: `key` names it for good (`digest:2026-10-09`), `short` is its 站内消息.

    `values` are the template's placeholders beside {消息}, which is the body.
    """

    kind: NoticeKind
    key: str
    body: str
    short: str
    values: Mapping[str, str] = field(default_factory=dict)
    file: OutgoingFile | None = None


class Sender:
    """Sends summaries at one instant; the office's words and settings are read once."""

    def __init__(self, *, now: dt.datetime) -> None:
        self.now = now
        self.rules = load_rules()
        self._templates = load_templates()
        self._had: dict[str, set[int]] = {}

    def needs(self, person: Account, key: str) -> bool:
        """Return whether the person has not had the summary of this key; asked once a key."""
        if key not in self._had:
            queued = select(Outgoing.recipient_id).where(
                Outgoing.key.startswith(f"{key}:", autoescape=True)
            )
            told = select(Notice.recipient_id).where(Notice.about == key)
            self._had[key] = set(db.session.execute(union(queued, told)).scalars())
        return person.id not in self._had[key]

    def send(self, person: Account, summary: Summary) -> bool:
        """Send it unless the person has had it; whether anything was sent now."""
        if not self.needs(person, summary.key):
            return False
        self._had[summary.key].add(person.id)
        template = self._templates[summary.kind]
        channels = channels_to(person, self.rules) if template.is_mailed else []
        if not channels:
            self._tell(person, summary)
            return True
        values = {**summary.values, "消息": summary.body}
        rows = [
            queue_message(
                recipient=person, kind=summary.kind, key=_key(summary, person, channel),
                subject=fill(template.subject, values), body=fill(template.text, values),
                channel=channel, file=summary.file, now=self.now,
            )
            for channel in channels
        ]  # fmt: skip
        return any(row is not None for row in rows)

    def _tell(self, person: Account, summary: Summary) -> None:
        """Write the short form, for who cannot be reached otherwise."""
        template = self._templates[summary.kind]
        values = {**summary.values, "消息": summary.short}
        db.session.add(
            Notice(
                recipient_id=person.id, about=summary.key, kind=summary.kind, round_no=0,
                channel=SITE_CHANNEL, status=NoticeStatus.TOLD, created_at=self.now,
                subject=" ".join(fill(template.subject, values).split())[:120],
                text=fill(template.text, values).strip()[:600],
            )
        )  # fmt: skip


def _key(summary: Summary, person: Account, channel: str) -> str:
    name = f"{summary.key}:{person.id}"
    return name if channel == MAIL else f"{name}:{channel}"
