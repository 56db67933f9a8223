"""What the 审计日志 says of each table: which attributes, and how much of what people are called.

What people do to cases stands in their events, which the log holds by themselves. Narrative and
the reporter's data never enter the log: whoever reads it reads no cases.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import Row

from app.domain.audit import AuditAction, Facts
from app.domain.masking import masked_phone
from app.models.attachment import Attachment
from app.models.calendar import CalendarYear, DayOverride, OfficialDay, Timetable
from app.models.desk import Reception, Rejection
from app.models.event import CaseEvent
from app.models.export import ExportRequest
from app.models.import_run import ImportRun
from app.models.job_state import JobState
from app.models.notice import NoticeTemplate
from app.models.org import Account, Counter, DictEntry, GroupMember, Setting, Site, Unit
from app.models.roster import DutyShift, LeaderRoster, LeaderVisit
from app.models.score import ScoreCorrection, ScoreExclusion, ScoreRule, ScoreScheme, ScoreSheet
from app.models.supervision import MeasureDraft, Supervision

ACCOUNT = (
    "username", "first_name", "active", "roles", "site_id", "unit_id", "post", "phone", "email",
    "password", "must_change_password",
)  # fmt: skip
# Record → the attributes that matter; None: all its columns.
AUDITED: Mapping[type[Model], tuple[str, ...] | None] = {
    Account: ACCOUNT,
    Attachment: ("case_id", "paper", "kind", "file_size", "sha256", "voided_at"),
    CalendarYear: None,
    Counter: None,
    DayOverride: None,
    DictEntry: None,
    DutyShift: None,
    ExportRequest: ("listing", "query", "is_full", "rows_total", "status", "sha256", "case_ids"),
    GroupMember: None,
    ImportRun: (
        "kind", "status", "file_name", "sha256", "rows_new", "rows_changed", "rows_bad",
    ),
    JobState: ("schedule", "asked_at"),
    LeaderRoster: None,
    LeaderVisit: (
        "site_id", "day", "half", "leader_id", "arrived_at", "left_at", "seen",
        "solved", "problems",
    ),
    MeasureDraft: ("kind", "case_id", "unit_id", "settled_at"),
    NoticeTemplate: None,
    OfficialDay: None,
    Reception: ("reception_no", "outcome"),
    Rejection: ("rejection_no", "is_understood"),
    Role: ("name", "permissions"),
    ScoreCorrection: ("unit_id", "kind", "old_value", "new_value"),
    ScoreExclusion: ("site_id", "month", "unit_id", "kind", "record_id", "restored_at"),
    ScoreRule: ("kind", "points", "cap", "is_on"),
    ScoreScheme: ("site_id", "valid_from", "base", "is_floored"),
    ScoreSheet: ("site_id", "month"),
    Setting: None,
    Site: None,
    Supervision: ("kind", "series_no", "case_id", "unit_id", "feedback_at", "closed_at"),
    Timetable: None,
    Unit: None,
}  # fmt: skip
# Changed without anybody doing anything the log does not know already, or no matter of the log.
UNAUDITED: Mapping[str, str] = {
    "api_tokens": "noted when issued, used, refused and revoked",
    "ab_api_key": "not used: FAB's own keys are switched off",
    "ab_group": "not used: groups are switched off",
    "ab_group_role": "not used",
    "ab_permission": "the release's own list, written by `roles sync`",
    "ab_permission_view": "the release's own list, written by `roles sync`",
    "ab_permission_view_role": "noted as the permissions of the role",
    "ab_register_user": "not used: nobody registers himself",
    "ab_user_group": "not used",
    "ab_user_role": "noted as the roles of the account",
    "ab_view_menu": "the release's own list, written by `roles sync`",
    "audit_archives": "the log's own; an archiving is an entry",
    "audit_entries": "the log itself",
    "audit_head": "the log itself",
    "data_keys": "a change of the data key is an entry",
    "emergency_openings": "an opening and a sealing are entries",
    "form_keys": "what the form did is an entry",
    "group_attendance": "noted as the event of its case",
    "login_sessions": "a log-in, a log-out and what ends the others are entries",
    "notices": "written by deeds that are entries; reading one is nobody's concern",
    "old_passwords": "a changed password is an entry",
    "outgoing": "mail of notices; a resending is an entry, a failed run of the job too",
    "outgoing_files": "files of the mail",
    "restores": "a restoring, and what was released after it, are entries",
    "runners": "heartbeats",
    "score_lines": "written with the frozen sheet, whose entry says so; never changed",
    "score_units": "written with the frozen sheet, whose entry says so; never changed",
}
# Tables whose every change is an event of its case.
IN_EVENTS = frozenset({
    "callbacks", "case_events", "cases", "contacts", "corrections", "evaluations", "explanations",
    "extensions", "group_reviews", "results", "return_requests", "slips",
})  # fmt: skip
# Records that are deeds of their own kind, whatever happens to them.
DEEDS: Mapping[type[Model], AuditAction] = {
    Attachment: AuditAction.ATTACHED,
    ExportRequest: AuditAction.EXPORTED,
    ImportRun: AuditAction.IMPORTED,
}
# Known to have changed, never shown: the hash of a password, and what a leader wrote of people.
HIDDEN = frozenset({"password", "seen", "solved", "problems"})
SEARCHED = "q"  # the argument of a list's address that holds what somebody typed


def _without_words(query: Any) -> Any:
    """Return an address's filter without what was typed into the search box: often a name."""
    kept = dict(parse_qsl(str(query or "")))
    return urlencode(kept | ({SEARCHED: "…"} if SEARCHED in kept else {}), safe="…")


# Shown in part.
MASKED: Mapping[str, Callable[[Any], Any]] = {
    "phone": lambda text: masked_phone(str(text or "")),
    "query": _without_words,
}


def name_of(target: Model) -> str:
    """Return how people call a record; '' where it has no name of its own."""
    has_own = type(target).__repr__ not in (object.__repr__, Model.__repr__)
    return str(target) if has_own else ""


def event_facts(row: CaseEvent | Row[Any]) -> Facts:
    """Return all that an event says, as the digest in its entry is taken over it."""
    return {
        "id": row.id,
        "case_id": row.case_id,
        "action": row.action and row.action.value,
        "label": row.label,
        "old_state": row.old_state and row.old_state.value,
        "new_state": row.new_state.value,
        "round_no": row.round_no,
        "at": row.at.astimezone(dt.UTC).isoformat(),
        "by_id": row.by_id,
        "by_unit_id": row.by_unit_id,
        "summary": row.summary,
        "reason": row.reason,
        "facts": row.facts,
    }
