"""What a person reads when a rule says no: one sentence for every code, and what to do about it."""

import datetime as dt
import enum
from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.calendar_parts import CalendarProblem
from app.domain.due_words import full_time
from app.domain.refusals import Code, Refusal
from app.fab.formats import datetime_zh
from app.fab.problems import NO_ROOM, Problem, explain
from app.views.field_words import field_word
from app.views.labels import label

SENTENCES: dict[Code, Any] = {
    Code.ACTION_CLOSED: _l(
        "This matter is “%(state)s” now: “%(action)s” is not possible. Reload the page."
    ),
    Code.ROLE_MISSING: _l("Your role may not do this. Ask whoever is responsible for it."),
    Code.OTHER_SITE: _l("This matter belongs to another site."),
    Code.FIELDS_MISSING: _l("Please fill in: %(fields)s."),
    Code.FIELD_INVALID: _l("“%(field)s” is not filled in correctly. Please check it."),
    Code.NO_ROOM: NO_ROOM,
    Code.TEXT_TOO_SHORT: _l("“%(field)s” needs at least %(least)s characters."),
    Code.NOT_FOUND: _l("The record was not found. Reload the page."),
    Code.STALE: _l(
        "This matter was handled by somebody else just now. Your text is kept below and not saved:"
        " check it and submit again."
    ),
    Code.NOT_LEAD_UNIT: _l("This matter is not in your unit's hands."),
    Code.NOT_CO_UNIT: _l("Your unit has no co-unit slip of this matter."),
    Code.NOT_AUTHORISED_TO_SIGN_OFF: _l(
        "The result is signed by the head of the unit or an authorised handler."
    ),
    Code.REPORTER_CONFIDENTIAL: _l("Confidential case: the reporter is not shown."),
    Code.CONFIDENTIAL_HEAD_ONLY: _l("A confidential case is handled by the head of the unit."),
    Code.NOT_DUTY_LEADER_TODAY: _l(
        "Today another leader is on duty: this must be done by the leader on the roster."
    ),
    Code.OWN_REQUEST: _l("Nobody decides on their own application."),
    Code.OWN_CASE: _l("Whoever handled the matter cannot approve it. Another leader must."),
    Code.OWN_EVALUATION: _l("Whoever entered the rating cannot verify it. A colleague must."),
    Code.HANDLING_UNIT_MAY_NOT_RATE: _l("The handling unit may not enter ratings or call-backs."),
    Code.ABOUT_SECTION: _l(
        "The complaint is about the section or a leader: the duty leader or the head dispatches it."
    ),
    Code.NOT_ABOUT_SECTION: _l("This matter is dispatched by the supervision section."),
    Code.NOT_ABOUT_LEADER: _l("This matter is not for the head of the group to dispatch."),
    Code.EXTENSION_PENDING: _l("An application for extension is already waiting for a decision."),
    Code.NO_EXTENSION_PENDING: _l("No application for extension is waiting for a decision."),
    Code.EXTENSION_CAP: _l(
        "Extensions may not exceed %(cap)s working days in total. This matter has been extended by"
        " %(total)s working days; at most %(left)s more are possible."
    ),
    Code.EXTENSION_COUNT: _l(
        "This matter has been extended by %(total)s working days already and cannot be extended"
        " again. If it cannot be solved, it goes to the leading group."
    ),
    Code.EXTENSION_DAYS_RAISED: _l(
        "The days may be lowered, not raised: the unit asked for %(asked)s working days."
    ),
    Code.EXTENSION_NOT_RUN_OUT: _l("The extended limit has not run out yet."),
    Code.GROUP_DECIDED: _l(
        "The leading group has set the time limit: it can no longer be extended by a leader."
    ),
    Code.RETURN_PENDING: _l("An application for return is waiting for a decision."),
    Code.NO_RETURN_PENDING: _l("No application for return is waiting for a decision."),
    Code.RETURN_TOO_LATE: _l("A return had to be asked before %(until)s. Please go on handling."),
    Code.RETURN_USED: _l("Your unit has asked for a return once already. Please go on handling."),
    Code.RETURN_FINAL: _l("The duty leader has named your unit; this is final."),
    Code.SECOND_DISPUTE: _l("This is the second dispute: the duty leader names the lead unit."),
    Code.SAME_UNIT: _l("Choose another unit than the one handling it now."),
    Code.UNIT_TWICE: _l("The unit %(unit)s has a slip of this matter already."),
    Code.EXPLANATION_MISSING: _l(
        "A complex matter needs its explanation before it is finished or extended."
    ),
    Code.ALREADY_SIGNED: _l("The slip has been signed for already."),
    Code.NOT_SIGNED_YET: _l("Please sign for the slip first."),
    Code.ALREADY_DISPATCHED: _l(
        "This matter has been handed to a unit once and cannot go back to the desk."
    ),
    Code.PAST_DUE: _l("The due time has passed: the time limit cannot be changed any more."),
    Code.CLASS_NOT_RAISABLE: _l(
        "Only a limit of 1 working day can be changed to 3 working days, and only once."
    ),
    Code.CLASS_GROUND_MISSING: _l(
        "The limit of 3 working days needs at least one ground and the explanation of the unit."
    ),
    Code.CLASS_ASKED: _l("The change of the time limit has been asked for already."),
    Code.CLASS_NOT_ASKED: _l("The unit has not asked for a change of the time limit."),
    Code.LIMIT_NEEDS_REASON: _l(
        "Within this time limit the matter should be solved: say why it ends with an answer."
    ),
    Code.RESULT_NEEDS_BASIS: _l("Name the law or document and its article."),
    Code.RESULT_NOT_ACHIEVED: _l("With this result the matter does not count as achieved."),
    Code.REPLY_AFTER_SUBMISSION: _l("Answer the reporter first, then submit the result."),
    Code.QUORUM_MISSING: _l(
        "%(present)s of %(members)s members were present: that is no quorum, nothing is decided."
    ),
    Code.CHAIR_NOT_ATTENDING: _l("The chair must be one of the members present."),
    Code.DECISION_MISSING: _l("The decision of the group has not been recorded yet."),
    Code.DECISION_EXISTS: _l("The decision of the group has been recorded already."),
    Code.DUE_IN_PAST: _l("The time must lie in the future."),
    Code.TIME_IN_FUTURE: _l("The time must not lie in the future."),
    Code.TIME_ORDER: _l("The time must not be before %(after)s."),
    Code.EVALUATION_EXISTS: _l("This round has been rated already."),
    Code.NOTHING_TO_READ: _l("No rating is waiting to be read by you."),
    Code.EVALUATION_WINDOW_OPEN: _l("The time for rating has not run out yet."),
    Code.CALLBACK_MISSING: _l(
        "Call the reporter before closing without a rating; without an answer, three times on two"
        " days."
    ),
    Code.ANONYMOUS_NOT_RATED: _l("Anonymous report: there is nobody to rate or to call."),
    Code.ANONYMOUS_NO_PHONE: _l("Anonymous report: there is no phone number."),
    Code.DATA_MASKED: _l("The time of keeping is over: name and number were masked for good."),
    Code.ANONYMOUS_NOT_ALLOWED: _l(
        "Anonymous reports are possible about conduct and for suggestions only."
    ),
    Code.NO_BAD_EVALUATION: _l("No bad rating is waiting to be verified."),
    Code.NO_VERDICT_PENDING: _l("No verdict is waiting for approval."),
    Code.REDO_LIMIT: _l(
        "The matter has been through %(rounds)s rounds: the duty leader decides what follows."
    ),
    Code.REDO_LIMIT_NOT_REACHED: _l("The matter can still be redone: verify the rating first."),
    Code.REOPEN_TOO_LATE: _l("30 days have passed since closing: register a new matter."),
    Code.MERGE_TARGET: _l("Choose an accepted matter of the same site that is not closed."),
    Code.NUMBER_USED: _l("Numbers up to %(last)s have been used; they are never used again."),
    Code.OVERLAP: _l("It overlaps with an existing period."),
    Code.NOT_GROUP_MEMBER: _l("Only members of the leadership can be chosen."),
    Code.ALREADY_CHECKED_IN: _l("You have checked in already: %(half)s."),
    Code.NOT_EDITABLE: _l("This can no longer be edited."),
    Code.NOTICE_NO_MISSING: _l("Fill in the number of the notice behind it."),
    Code.NOTICE_UNREADABLE: _l(
        "Line %(line)s cannot be read: “%(words)s”. Write it as in the example."
    ),
    Code.NOTICE_CONTRADICTORY: _l(
        "%(day)s contradicts itself: off and worked, or a weekday as make-up day. Nothing changed."
    ),
    Code.NOTICE_INCOMPLETE: _l(
        "%(day)s is a statutory holiday and not off here. Check that nothing is missing."
    ),
    Code.CALENDAR_INVALID: _l("The calendar contradicts itself; nothing was changed."),
    Code.ADMIN_ROLE_MIX: _l("Administrators of the system hold no business role."),
    Code.ADMINS_TOGETHER: _l(
        "One person holds one administrator's role only, unless the simplified mode is on."
    ),
    Code.ROLE_MIX: _l("These roles cannot be held by one person."),
    Code.UNIT_MISSING: _l("A person of a unit needs the unit they work in."),
    Code.LAST_ADMIN: _l(
        "This is the last account with the role “%(role)s”: appoint another first."
    ),
    Code.OWN_ACCOUNT: _l("You cannot switch off your own account or change your own roles."),
    Code.ADMINS_JOINED: _l(
        "%(names)s still hold two administrator roles: separate them before switching this off."
    ),
    Code.ADDRESS_OUTSIDE: _l(
        "Your own address %(address)s is not on this list: you would shut yourself out."
    ),
    Code.NOT_REGISTERED: _l("You have no account here yet. Ask your administrator."),
    Code.DRAFT_NOT_OWN: _l("Only your own draft of today can be deleted."),
    Code.IN_USE: _l("It is in use and cannot be removed; switch it off instead."),
    Code.USERNAME_INVALID: _l(
        "A user name has 2 to 64 letters, digits, dots, dashes or underscores, and begins with a"
        " letter or a digit."
    ),
    Code.NAME_TAKEN: _l("There is one of this name already."),
    Code.TWO_LEVELS_ONLY: _l("There are two levels: choose one of the upper level of this list."),
    Code.ALREADY_DONE: _l("This has been done already."),
    Code.MONTH_NOT_OVER: _l(
        "The month is not over yet: its score sheet can be frozen from %(day)s."
    ),
    Code.SHEET_FROZEN: _l(
        "This score sheet is frozen: a number can only be corrected, with a reason."
    ),
    Code.SHEET_NOT_FROZEN: _l("This score sheet is not frozen yet: there is nothing to correct."),
    Code.NO_RULE_ON: _l("No scoring rule is switched on: there is nothing to freeze."),
    Code.SCORES_CHANGED: _l(
        "The numbers have changed since you opened the page. Check them and freeze again."
    ),
    Code.TEMPLATE_BROKEN: _l(
        "The template cannot be used: “%(part)s” is not a placeholder of this notice, or a brace"
        " has no partner."
    ),
    Code.SCHEDULE_INVALID: _l(
        "“%(text)s” is not a schedule: write seconds from 5 to 3600, or up to six different times"
        " such as 09:00,14:00."
    ),
    Code.JOB_BUSY: _l("The job is running at this moment. Look again in a minute."),
    Code.PASSWORD_WEAK: _l(
        "Too simple: at least %(length)s characters of %(kinds)s kinds, out of capitals, small"
        " letters, digits and signs."
    ),
    Code.PASSWORD_LONG: _l("The password is too long: at most %(most)s characters."),
    Code.PASSWORD_TELLS: _l("It must not contain the user name or the telephone number."),
    Code.PASSWORD_USED: _l("This is one of the last %(count)s passwords: choose a new one."),
    Code.PASSWORD_WRONG: _l("The current password is wrong."),
    Code.OWN_PASSWORD: _l("Your own password is changed under “My account”, with the old one."),
    Code.PASSWORD_DUE: _l(
        "Choose a new password on the pages first: this one is not for long use."
    ),
    Code.TOKEN_TOO_LONG: _l("A token lasts from 1 to %(most)s days."),
    Code.TOO_MANY_TOKENS: _l(
        "You have %(most)s tokens in use: revoke those that are not needed any more."
    ),
    Code.NOTHING_TO_RESEND: _l("This message is not one that failed: there is nothing to resend."),
    Code.EXPORT_EMPTY: _l("There is no numbered case under this filter: nothing to export."),
    Code.EXPORT_NOT_READY: _l("This export has no file to be fetched."),
    Code.EXPORT_SIGHT_CHANGED: _l(
        "Your roles or your unit have changed since this file was written. Export it again."
    ),
    Code.FILE_MISSING: _l("Choose a file or take a photo."),
    Code.FILE_ONE: _l("One file at a time: attach the file first, then the photo."),
    Code.FILE_EMPTY: _l("The file is empty. Choose another one."),
    Code.FILE_TOO_LARGE: _l(
        "The file is larger than %(most)s MB. Scan at a lower resolution, or split it."
    ),
    Code.FILE_UNKNOWN: _l(
        "This kind of file is not taken. Attach a PDF, a picture (JPG, PNG), or a Word (docx) or"
        " Excel (xlsx) file; its content counts, not its name."
    ),
    Code.FILE_UNSAFE: _l(
        "By its content this is a web page, a drawing with code or a program, whatever its name"
        " says: it is not taken."
    ),
    Code.FILE_OLD_OFFICE: _l(
        "This is an old Office file (doc, xls) or one with a password. Save it as docx or xlsx"
        " without a password, or as PDF."
    ),
    Code.FILE_MACROS: _l("The file holds macros and is not taken. Save it without them."),
    Code.FILE_BOMB: _l("Unpacked, the file would be far too large: it is not taken."),
    Code.FILE_TWO_IN_ONE: _l("Another file hides behind this one: it is not taken."),
    Code.FILE_DAMAGED: _l("The file is damaged or was cut off. Scan or save it once more."),
    Code.FILE_ATTACHED: _l("The same file is attached to this record already: “%(name)s”, %(at)s."),
}

CALENDAR_SENTENCES: dict[CalendarProblem, Any] = {
    CalendarProblem.NO_HOURS: _l("The timetable has no hours or no weekdays."),
    CalendarProblem.SPANS_INVALID: _l("The hours overlap or end before they begin."),
    CalendarProblem.VALIDITY_REVERSED: _l("The timetable ends before it begins."),
    CalendarProblem.TIMETABLES_OVERLAP: _l("Two timetables are valid on the same day."),
    CalendarProblem.HOURS_MISSING: _l("A working day has no business hours."),
    CalendarProblem.DAY_CONTRADICTORY: _l("The same day is set twice, or in a way not possible."),
    CalendarProblem.HALF_DAY_EMPTY: _l("The half-day kept has no business hours."),
    CalendarProblem.NOT_A_WORKDAY: _l("This day is no working day."),
    CalendarProblem.OUT_OF_RANGE: _l("The date lies outside the calendar."),
    CalendarProblem.NAIVE_TIME: _l("The time has no time zone."),
}


class _Facts(dict[str, object]):
    """The facts of a refusal as words; one that is not known is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence(refusal: Refusal) -> str:
    """Return what the person reads, in their language."""
    problem = refusal.facts.get("problem")
    if isinstance(problem, CalendarProblem):
        return str(CALENDAR_SENTENCES[problem])
    return str(SENTENCES[refusal.code]) % _Facts(
        (name, _fact(name, value)) for name, value in refusal.facts.items()
    )


def missing_fields(refusal: Refusal) -> list[str]:
    """Return the names of the fields a refusal found empty; none for other refusals."""
    fields = refusal.facts.get("fields")
    return [str(name) for name in fields] if isinstance(fields, Sequence) else []


def due_text(at: dt.datetime | None) -> str:
    """Return an instant as sentences name it: 2026年10月15日17时."""
    if at is None:
        return "—"
    return full_time(at) if _is_chinese() else datetime_zh(at)


def near_text(at: dt.datetime, now: dt.datetime) -> str:
    """Return an instant as one says it today: 今日17时, else 10月9日12时 or the full form."""
    if not _is_chinese():
        return datetime_zh(at)
    if at.date() == now.date():
        return f"今日{full_time(at).partition('日')[2]}"
    return full_time(at).partition("年")[2] if at.year == now.year else full_time(at)


def _is_chinese() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _fact(name: str, value: object) -> object:
    if value is None:
        return "—"
    if name == "fields" and isinstance(value, Sequence):
        return "、".join(field_word(str(part)) for part in value)
    if name == "field":
        return field_word(str(value))
    if isinstance(value, dt.datetime):
        return due_text(value)
    return label(value) if isinstance(value, enum.StrEnum) else value


@explain.register
def _refused(error: Refusal) -> Problem:
    """Give every form of the application the words for a refusal and the field it belongs to."""
    field = error.facts.get("field") or next(iter(missing_fields(error)), None)
    if error.code is Code.FIELDS_MISSING and len(missing_fields(error)) == 1:
        return Problem(_("This field is required."), str(field))
    return Problem(sentence(error), str(field) if field else None)
