"""The records of the window: one noun a module, all reachable from here."""

from app.models.access import LoginSession, OldPassword
from app.models.api_token import ApiToken
from app.models.attachment import Attachment
from app.models.audit import AuditArchive, AuditEntry, AuditHead
from app.models.calendar import CalendarYear, DayOverride, OfficialDay, Timetable
from app.models.case import Case
from app.models.correction import Correction
from app.models.desk import Reception, Rejection
from app.models.evaluation import Callback, Evaluation
from app.models.event import CaseEvent, EventIsImmutable
from app.models.export import ExportRequest
from app.models.group_review import GroupReview
from app.models.handling import Contact, Explanation, Result
from app.models.import_run import ImportRun
from app.models.job_state import JobState, Runner
from app.models.notice import Notice, NoticeTemplate
from app.models.org import Account, Counter, DictEntry, GroupMember, Setting, Site, Unit
from app.models.outgoing import Outgoing, OutgoingFile
from app.models.requests import Extension, ReturnRequest
from app.models.restore import Restore
from app.models.roster import DutyShift, LeaderRoster, LeaderVisit
from app.models.score import (
    ScoreCorrection,
    ScoreExclusion,
    ScoreLine,
    ScoreRule,
    ScoreScheme,
    ScoreSheet,
    ScoreUnit,
)
from app.models.slip import Slip
from app.models.supervision import MeasureDraft, Supervision

__all__ = [
    "Account",
    "ApiToken",
    "Attachment",
    "AuditArchive",
    "AuditEntry",
    "AuditHead",
    "CalendarYear",
    "Callback",
    "Case",
    "CaseEvent",
    "Contact",
    "Correction",
    "Counter",
    "DayOverride",
    "DictEntry",
    "DutyShift",
    "Evaluation",
    "EventIsImmutable",
    "Explanation",
    "ExportRequest",
    "Extension",
    "GroupMember",
    "GroupReview",
    "ImportRun",
    "JobState",
    "LeaderRoster",
    "LeaderVisit",
    "LoginSession",
    "MeasureDraft",
    "Notice",
    "NoticeTemplate",
    "OfficialDay",
    "OldPassword",
    "Outgoing",
    "OutgoingFile",
    "Reception",
    "Rejection",
    "Restore",
    "Result",
    "ReturnRequest",
    "Runner",
    "ScoreCorrection",
    "ScoreExclusion",
    "ScoreLine",
    "ScoreRule",
    "ScoreScheme",
    "ScoreSheet",
    "ScoreUnit",
    "Setting",
    "Site",
    "Slip",
    "Supervision",
    "Timetable",
    "Unit",
]
