"""The words of every setting: its label with the unit, and where its default comes from."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class SettingWords:
    """How a setting of domain.rules reads on the page."""

    name: str
    label: Any
    unit: Any
    source: str


MINUTES, HOURS, TIMES = _l("minutes"), _l("working hours"), _l("times")
YEARS = _l("years")
WORKING_DAYS, DAYS, NONE = _l("working days"), _l("calendar days"), ""
_S = SettingWords

GROUPS: tuple[tuple[Any, tuple[SettingWords, ...]], ...] = (
    (
        _l("Reception and dispatch"),
        (
            _S("min_visits", _l("Visits that count as many"), TIMES, "R08"),
            _S(
                "recent_phone_days",
                _l("Reports of the same phone shown for"),
                DAYS,
                "D-25",
            ),
            _S("draft_target_minutes", _l("Target from entry to section"), MINUTES, "D-04"),
            _S(
                "same_day_cutoff_minutes",
                _l("Same-day dispatch needs before closing at least"),
                MINUTES,
                "D-02",
            ),
            _S("carry_over_time", _l("Carried over: due on the next working day at"), NONE, "D-02"),
            _S(
                "immediate_min_minutes",
                _l("Immediate matters need before closing at least"),
                MINUTES,
                "D-05",
            ),
            _S("limit_starts_at", _l("Time limits start at"), NONE, "D-01"),
            _S("sign_hours", _l("Signed in good time within"), HOURS, ""),
        ),
    ),
    (
        _l("Handling and return"),
        (
            _S("return_working_hours", _l("A return can be asked within"), HOURS, "D-14"),
            _S("max_returns_per_unit", _l("Returns per unit and matter"), TIMES, "D-14"),
            _S(
                "explanation_soft_days",
                _l("Reminder of the explanation after"),
                WORKING_DAYS,
                "D-08",
            ),
            _S(
                "co_half_days_earlier",
                _l("Co-units are due earlier by"),
                _l("half-days"),
                "D-13",
            ),
            _S("contact_attempts", _l("Not reached after attempts"), TIMES, "D-20"),
            _S("contact_days", _l("Attempts spread over at least"), _l("days"), "D-20"),
        ),
    ),
    (
        _l("Extension and leading group"),
        (
            _S("extension_cap_days", _l("Extensions in total at most"), WORKING_DAYS, "R31"),
            _S("max_extensions", _l("Approved extensions per matter"), TIMES, "D-10"),
            _S("extension_basis", _l("Extensions are counted from"), NONE, "D-10"),
            _S("group_target_days", _l("Leading group meets within"), WORKING_DAYS, "D-12, D-38"),
            _S("quorum", _l("Quorum of the leading group"), NONE, "D-12"),
        ),
    ),
    (
        _l("Evaluation and redo"),
        (
            _S("evaluation_window_days", _l("Open for rating"), WORKING_DAYS, "D-28"),
            _S("verify_days", _l("Bad ratings verified within"), WORKING_DAYS, "D-26"),
            _S("redo_days", _l("Redone within"), WORKING_DAYS, "D-26"),
            _S("max_rounds", _l("Rounds before the leader decides"), TIMES, "D-26"),
            _S("repeat_days", _l("Reopened if reported again within"), DAYS, "D-25"),
            _S("partly_solved", _l("Partly solved counts in the rate of solved as"), NONE, ""),
        ),
    ),
    (
        _l("Yellow cards"),
        (
            _S("yellow_hours_immediate", _l("Immediate: yellow before due"), HOURS, ""),
            _S("yellow_hours_one_day", _l("1 day: yellow before due"), HOURS, ""),
            _S("yellow_days", _l("3 days and extended: yellow before due"), WORKING_DAYS, ""),
        ),
    ),
    (
        _l("Reminders and measures"),
        (
            _S("dispatch_warn_minutes", _l("Dispatch: reminder before due"), MINUTES, ""),
            _S("unsigned_hours_one_day", _l("1 day: unsigned after"), HOURS, ""),
            _S("unsigned_hours_three_days", _l("3 days: unsigned after"), HOURS, ""),
            _S("reminder_days", _l("Extended: reminder before due"), WORKING_DAYS, ""),
            _S(
                "warn_ahead_minutes",
                _l("A reminder outside office hours comes before they end by"),
                MINUTES,
                "",
            ),
            _S("notice_after_days", _l("Supervision notice drafted after"), WORKING_DAYS, ""),
            _S("interview_after_days", _l("Interview advised when overdue by"), WORKING_DAYS, ""),
            _S("interview_reds", _l("Interview advised at red cards a month"), TIMES, ""),
        ),
    ),
    (
        _l("Messages"),
        (
            _S("mail_notices", _l("Send notices by e-mail"), NONE, ""),
            _S("webhook_notices", _l("Push notices to another system"), NONE, ""),
            _S("mails_per_hour", _l("Gathered into one beyond so many an hour"), TIMES, ""),
        ),
    ),
    (
        _l("Weekly and monthly reports"),
        (
            _S("weekly_to_section", _l("Weekly report to the section"), NONE, ""),
            _S("weekly_to_leaders", _l("Weekly report to the duty leaders"), NONE, ""),
            _S("weekly_to_head", _l("Weekly report to the head of the group"), NONE, ""),
            _S("weekly_to_members", _l("Weekly report to the members of the group"), NONE, ""),
            _S("monthly_to_section", _l("Monthly report to the section"), NONE, ""),
            _S("monthly_to_leaders", _l("Monthly report to the duty leaders"), NONE, ""),
            _S("monthly_to_head", _l("Monthly report to the head of the group"), NONE, ""),
            _S("monthly_to_members", _l("Monthly report to the members of the group"), NONE, ""),
        ),
    ),
    (
        _l("Papers"),
        (
            _S("annex_marks", _l("Print 附件3 and 附件4 above the titles"), NONE, ""),
            _S("second_half_title", _l("Second half of the slip is called"), NONE, "D-31"),
            _S("slip_no_with_year", _l("Print the year in the slip number"), NONE, "D-32"),
        ),
    ),
    (
        _l("Backup"),
        (_S("backup_keep", _l("Backups kept"), _l("copies"), ""),),
    ),
    (
        _l("Log-in and passwords"),
        (
            _S("password_length", _l("Passwords have at least"), _l("characters"), ""),
            _S("password_kinds", _l("Kinds of characters at least"), _l("kinds"), ""),
            _S("password_history", _l("Last passwords not taken again"), _l("passwords"), ""),
            _S("password_days", _l("A password lasts"), DAYS, ""),
            _S("lock_failures", _l("Locked after failures"), TIMES, ""),
            _S("lock_minutes", _l("Locked for"), MINUTES, ""),
            _S("idle_minutes", _l("Logged out after minutes without a click"), MINUTES, ""),
            _S("session_hours", _l("A log-in lasts at most"), _l("hours"), ""),
            _S("unused_days", _l("An account counts as not used after"), DAYS, ""),
            _S("api_token_days", _l("An API token lasts at most"), DAYS, ""),
        ),
    ),
    (
        _l("Personal data"),
        (
            _S("privacy_notice", _l("What the reporter is told about his data"), NONE, ""),
            _S(
                "reveals_a_day",
                _l("Tell auditors when one person looks at numbers a day"),
                TIMES,
                "",
            ),
            _S(
                "keep_case_years",
                _l("Name and phone are masked for good after closing by"),
                YEARS,
                "",
            ),
            _S(
                "keep_desk_years",
                _l("Those of visitors and of reports not accepted after"),
                YEARS,
                "",
            ),
        ),
    ),
    (
        _l("Exports"),
        (_S("export_keep_days", _l("Written exports can be fetched for"), DAYS, ""),),
    ),
    (
        _l("Audit log"),
        (_S("audit_keep_days", _l("Entries of the audit log are kept for"), DAYS, ""),),
    ),
    (
        _l("Administrators"),
        (
            _S(
                "simplified_admins",
                _l("Simplified mode: one person as system and security administrator"),
                NONE,
                "D-35",
            ),
            _S(
                "admin_networks",
                _l("Addresses from which the three administrators may come"),
                NONE,
                "",
            ),
        ),
    ),
)
SETTING_WORDS = {words.name: words for _group, group in GROUPS for words in group}

CHOICE_WORDS: dict[str, dict[str, Any]] = {
    "limit_starts_at": {"issue": _l("hand-over of the slip"), "sign": _l("signing of the slip")},
    "extension_basis": {
        "original_due": _l("the original due time"),
        "issue": _l("hand-over of the slip"),
    },
    "partly_solved": {"nothing": _l("not solved"), "half": _l("half a case")},
    "second_half_title": {"as_plan": "存根", "handover": "交办联"},
    "quorum": {
        "more_than_half": _l("more than half"),
        "two_thirds": _l("two thirds"),
        "all": _l("all members"),
    },
}
