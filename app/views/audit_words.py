"""The words of the 审计日志: deeds, records and the facts that changed."""

import json
from typing import Any
from urllib.parse import parse_qsl

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.audit import AuditAction, AuditResult
from app.domain.refusals import Code
from app.domain.states import Action
from app.domain.words import word
from app.views.field_words import FIELDS
from app.views.messages import SENTENCES
from app.views.permission_words import PERMISSION_WORDS, SCREEN_WORDS

ACTIONS: dict[AuditAction, Any] = {
    AuditAction.LOGIN: _l("Logged in"),
    AuditAction.LOGIN_FAILED: _l("Log-in failed"),
    AuditAction.LOCKED: _l("Account locked"),
    AuditAction.UNLOCKED: _l("Account unlocked"),
    AuditAction.LOGOUT: _l("Logged out"),
    AuditAction.PASSWORD_CHANGED: _l("Password changed"),
    AuditAction.PASSWORD_RESET: _l("Password reset"),
    AuditAction.CASE_EVENT: _l("Matter handled"),
    AuditAction.CREATED: _l("Record added"),
    AuditAction.CHANGED: _l("Record changed"),
    AuditAction.DELETED: _l("Record deleted"),
    AuditAction.EXPORTED: _l("Exported"),
    AuditAction.DOWNLOADED: _l("File downloaded"),
    AuditAction.PRINTED: _l("Printed"),
    AuditAction.IMPORTED: _l("Import"),
    AuditAction.ATTACHED: _l("Attachment"),
    AuditAction.RESENT: _l("Message sent again"),
    AuditAction.JOB_RUN: _l("Scheduled job run"),
    AuditAction.ANCHORED: _l("Head of the log kept outside"),
    AuditAction.ARCHIVED: _l("Log archived"),
    AuditAction.COMMAND: _l("Command"),
    AuditAction.REFUSED: _l("Refused"),
    AuditAction.BACKED_UP: _l("Backed up"),
    AuditAction.BACKUP_CHECKED: _l("Backup checked"),
    AuditAction.RESTORED: _l("Restored from a backup"),
    AuditAction.MESSAGES_RELEASED: _l("Messages released"),
    AuditAction.REVEALED: _l("Full number seen"),
    AuditAction.MASKED: _l("Personal data masked"),
    AuditAction.KEY_CHANGED: _l("Data key changed"),
    AuditAction.EMERGENCY_OPENED: _l("Emergency account opened"),
    AuditAction.EMERGENCY_SEALED: _l("Emergency account sealed"),
    AuditAction.TOKEN_ISSUED: _l("Token issued"),
    AuditAction.TOKEN_USED: _l("Token used"),
    AuditAction.TOKEN_REFUSED: _l("Token refused"),
    AuditAction.TOKEN_REVOKED: _l("Token revoked"),
}
RESULTS: dict[AuditResult, Any] = {
    AuditResult.DONE: _l("Done"),
    AuditResult.REFUSED: _l("Refused"),
    AuditResult.FAILED: _l("Failed"),
}
# Why somebody was refused, where no rule of the office says it.
REASONS: dict[str, Any] = {
    "csrf": _l("The form came from elsewhere or was too old"),
    "http_400": _l("The request was not understood"),
    "http_403": _l("No right to this page or action"),
    "http_404": _l("Does not exist, or is not this person's"),
    "http_409": _l("Changed by somebody else meanwhile, or done already"),
    "http_413": _l("Too large"),
    "http_429": _l("Too many attempts"),
    "many": _l("Many refusals in a short time"),
    "unknown_name": _l("No account of this name"),
    "wrong_password": _l("Wrong password"),
    "switched_off": _l("The account is switched off"),
    "locked": _l("The account is locked"),
    "other": _l("Other reason"),
}
# The table of a record → what people call it.
OBJECTS: dict[str, Any] = {
    "account": _l("User account"),
    "attachments": _l("Attachment"),
    "audit": _l("Audit log"),
    "backup": _l("Backup"),
    "cases": _l("Matter"),
    "command": _l("Command"),
    "export_requests": _l("Export"),
    "import_runs": _l("Import"),
    "leader_visits": _l("Leader visits"),
    "measure_drafts": _l("Drafts of measures"),
    "monthly": _l("Monthly circular report"),
    "outgoing": _l("Outgoing message"),
    "page": _l("Page or action"),
    "paper": _l("Paper"),
    "receptions": _l("Reception log"),
    "rejections": _l("Refused applications"),
    "score_corrections": _l("Corrections of scores"),
    "score_exclusions": _l("Left out of the score"),
    "score_rules": _l("Scoring rules"),
    "score_schemes": _l("Scoring rules"),
    "score_sheets": _l("Score sheets"),
    "supervisions": _l("Supervision"),
    "api_tokens": _l("API tokens"),
    "ab_user": _l("User account"),
    "ab_role": _l("Role"),
    "calendar_years": _l("Working calendar"),
    "case_event": _l("Record of a matter"),
    "case": _l("Matter"),
    "counters": _l("Number series"),
    "data_keys": _l("Data key"),
    "day_overrides": _l("Working calendar"),
    "dict_entries": _l("Dictionary"),
    "duty_shifts": _l("Duty shifts"),
    "group_members": _l("Leading group"),
    "job_state": _l("Scheduled jobs"),
    "leader_roster": _l("Leader roster"),
    "notice_templates": _l("Message templates"),
    "official_days": _l("Working calendar"),
    "settings": _l("System settings"),
    "sites": _l("Sites"),
    "timetables": _l("Business hours"),
    "units": _l("Units"),
}
FACTS: dict[str, Any] = FIELDS | {
    "arrived_at": _l("Checked in at"),
    "base": _l("Base points"),
    "browser": _l("Browser"),
    "by_command": _l("Command"),
    "cap": _l("At most"),
    "case_id": _l("Key of the matter"),
    "case_ids": _l("Matters with full numbers"),
    "closed_at": _l("Closed at"),
    "count": _l("Times"),
    "done": _l("Done"),
    "error": _l("Error"),
    "failed": _l("Failed"),
    "feedback_at": _l("Feedback at"),
    "file_name": _l("File"),
    "file_size": _l("Size in bytes"),
    "is_floored": _l("Never below nought"),
    "is_full": _l("With full numbers"),
    "is_on": _l("Switched on"),
    "is_understood": _l("Understood"),
    "left_at": _l("Left at"),
    "listing": _l("List exported"),
    "month": _l("Month"),
    "names": _l("Names"),
    "new_value": _l("New value"),
    "note": _l("Remark"),
    "old_value": _l("Old value"),
    "outcome": _l("Outcome"),
    "paper": _l("Paper"),
    "papers": _l("Number of papers"),
    "points": _l("Points"),
    "problems": _l("Problems found"),
    "query": _l("Filter"),
    "reason": _l("Reason"),
    "reception_no": _l("Number of the reception"),
    "record_id": _l("Key of the record"),
    "rejection_no": _l("Number of the refusal"),
    "restored_at": _l("Taken back at"),
    "rows": _l("Rows"),
    "rows_bad": _l("Wrong rows"),
    "rows_changed": _l("Changed rows"),
    "rows_new": _l("New rows"),
    "rows_total": _l("Rows"),
    "seen": _l("What was seen"),
    "series_no": _l("Number"),
    "settled_at": _l("Settled at"),
    "sha256": _l("Digest of the file"),
    "solved": _l("What was solved"),
    "state": _l("State"),
    "status": _l("State"),
    "voided_at": _l("Void since"),
    "account_id": _l("User account"),
    "active": _l("In use"),
    "alarms": _l("Alarms"),
    "am_end": _l("Morning until"),
    "am_start": _l("Morning from"),
    "asked_at": _l("Run now"),
    "attachments": _l("Attachments"),
    "audit_seq": _l("Last entry of the audit log"),
    "changed_at": _l("Changed at"),
    "changed_by_id": _l("Changed by"),
    "day": _l("Day"),
    "detail": _l("Explanation"),
    "dropped": _l("Messages dropped"),
    "first_name": _l("Full Name"),
    "half": _l("Half-day"),
    "handler_may_sign_off": _l("Handler may sign the result"),
    "id": _l("Key"),
    "imported_at": _l("Imported at"),
    "is_active": _l("In use"),
    "is_backlog_sent": _l("Waiting messages are sent"),
    "is_head": _l("Head of the group"),
    "is_leader_away": _l("Leader away"),
    "is_mailed": _l("Sent by mail"),
    "is_published": _l("Published"),
    "kind": _l("Kind"),
    "label": _l("What happened"),
    "last_no": _l("Last number"),
    "leader_id": _l("Leader"),
    "location": _l("Location"),
    "made_at": _l("Backed up at"),
    "must_change_password": _l("Must change the password"),
    "name": _l("Name"),
    "office_name": _l("Name of the office"),
    "officer_id": _l("Duty officer"),
    "paper_name": _l("Name on papers"),
    "parent_id": _l("Upper level"),
    "password": _l("Password"),
    "past_log": _l("Archived months of the log"),
    "period": _l("Period"),
    "permissions": _l("Permissions"),
    "pm_end": _l("Afternoon until"),
    "pm_start": _l("Afternoon from"),
    "post": _l("Post"),
    "roles": _l("Role"),
    "schedule": _l("Schedule"),
    "series": _l("Series"),
    "set_at": _l("Set at"),
    "set_by_id": _l("Set by"),
    "site_id": _l("Site"),
    "sort_order": _l("Sort order"),
    "subject": _l("Subject"),
    "substitute_id": _l("Substitute"),
    "text": _l("Content"),
    "timing": _l("When it is sent"),
    "unit_kind": _l("Kind of unit"),
    "username": _l("User Name"),
    "valid_from": _l("Valid from"),
    "valid_to": _l("Valid until"),
    "weekdays": _l("Weekdays"),
    "year": _l("Year"),
}


def page_words(endpoint: str, arguments: dict[str, Any]) -> str:
    """Return what a page or action is called, by its screen, its permission and its move."""
    name, _dot, method = endpoint.partition(".")
    view = next((v for v in current_app.appbuilder.baseviews if v.endpoint == name), None)
    if view is None:
        return ""
    screen = SCREEN_WORDS.get(view.class_permission_name, getattr(view, "title", ""))
    action = str(arguments.get("action", ""))
    if action in set(Action):
        return f"{screen}·{word(Action(action))}"
    deed = str(arguments.get("name", ""))
    if deed not in PERMISSION_WORDS:
        deed = f"can_{getattr(getattr(view, method, None), '_permission_name', '')}"
    return "·".join(str(part) for part in (screen, PERMISSION_WORDS.get(deed, "")) if part)


def difference(before: str, after: str) -> list[str]:
    """Return a line for each fact that an entry tells, what it was and what it became."""
    old, new = (json.loads(text) if text else {} for text in (before, after))
    return [
        f"{FACTS[key]}：{_shown(key, old[key])} → {_shown(key, new[key])}"
        if key in old and key in new
        else f"{FACTS[key]}：{_shown(key, (new | old)[key])}"
        for key in sorted(old | new)
        if key in FACTS
    ]


def _shown(key: str, value: Any) -> str:
    """Return a fact as people read it: 是 and 否, a dash for nothing, names of several."""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    if key == "reason" and isinstance(value, str):
        return reason_words(value)
    if key == "query" and isinstance(value, str):
        return _filter_words(value)
    return "—" if value in (None, "") else str(value)


def _filter_words(query: str) -> str:
    """Return how a list was narrowed, as values without the names of the address's arguments."""
    words = [text for name, text in parse_qsl(query) if name != "quick"]
    return "；".join(words) or "—"


def reason_words(code: str) -> str:
    """Return why somebody was refused, without the particulars that were never kept."""
    if code in REASONS:
        return str(REASONS[code])
    if code not in set(Code):
        return code
    return str(SENTENCES[Code(code)]) % _Dots()


class _Dots(dict[str, str]):
    """Facts that were left out, as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"
