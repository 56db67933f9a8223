"""What the office is set up with: every change of these records stands in the 审计日志.

What people do to cases stands in their events, which the log holds by themselves.
"""

from collections.abc import Mapping

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role

from app.models.calendar import CalendarYear, DayOverride, OfficialDay, Timetable
from app.models.job_state import JobState
from app.models.notice import NoticeTemplate
from app.models.org import Account, Counter, DictEntry, GroupMember, Setting, Site, Unit
from app.models.roster import DutyShift, LeaderRoster

ACCOUNT = (
    "username", "first_name", "active", "roles", "site_id", "unit_id", "post", "phone", "email",
    "password", "must_change_password",
)  # fmt: skip
# Record → the attributes that matter; None: all its columns.
AUDITED: Mapping[type[Model], tuple[str, ...] | None] = {
    Account: ACCOUNT,
    CalendarYear: None,
    Counter: None,
    DayOverride: None,
    DictEntry: None,
    DutyShift: None,
    GroupMember: None,
    JobState: ("schedule", "asked_at"),
    LeaderRoster: None,
    NoticeTemplate: None,
    OfficialDay: None,
    Role: ("name", "permissions"),
    Setting: None,
    Site: None,
    Timetable: None,
    Unit: None,
}
# Known to have changed, never shown.
SECRET = frozenset({"password"})
