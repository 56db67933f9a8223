"""The words of the import page: kinds, verdicts, and a sentence for every fault of a file."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.import_faults import BadImport, Fault
from app.domain.import_kinds import ImportKind, Outcome, RunStatus
from app.domain.import_table import Problem
from app.domain.refusals import Refusal
from app.views.messages import sentence

KIND_WORDS: dict[ImportKind, tuple[Any, Any]] = {
    ImportKind.UNITS: (_l("Units"), _l("Name, kind, place, phone and rank of every unit.")),
    ImportKind.ACCOUNTS: (
        _l("User accounts"),
        _l("New accounts get an initial password and no role; the security administrator"
           " gives the roles."),
    ),
    ImportKind.ROLES: (
        _l("Roles of accounts"), _l("Exactly the roles of its row for each account."),
    ),
    ImportKind.GROUP: (_l("Leading group"), _l("Members with post, rank and term of office.")),
    ImportKind.LEADERS: (_l("Leader roster"), _l("The leader of a day and who stands in.")),
    ImportKind.SHIFTS: (_l("Duty shifts"), _l("Who sits at the desk, morning and afternoon.")),
    ImportKind.HOURS: (_l("Business hours"), _l("Seasonal plans; open cases are computed anew.")),
    ImportKind.DAYS: (
        _l("Days changed by the office"), _l("Days closed, opened or half open, with the notice."),
    ),
    ImportKind.LEDGER: (
        _l("Paper ledgers of the past"),
        _l("Finished matters keep their numbers and times and are marked as entered afterwards."),
    ),
}  # fmt: skip
OUTCOME_WORDS: dict[Outcome, tuple[str, Any]] = {
    Outcome.NEW: ("done", _l("New row")),
    Outcome.CHANGED: ("info", _l("Update")),
    Outcome.SAME: ("muted", _l("Unchanged")),
    Outcome.BAD: ("red", _l("Bad row")),
    Outcome.LEFT_OUT: ("muted", _l("Skipped row")),
}
STATUS_WORDS: dict[RunStatus, tuple[str, Any]] = {
    RunStatus.WAITING: ("pending", _l("Waiting to be imported")),
    RunStatus.APPLIED: ("done", _l("Imported")),
    RunStatus.DROPPED: ("muted", _l("Given up")),
    RunStatus.EXPIRED: ("muted", _l("Expired")),
}
FAULTS: dict[Fault, Any] = {
    Fault.NOT_READABLE: _l(
        "This is no workbook (.xlsx) and no CSV text, or it is broken. Save it as .xlsx again."
    ),
    Fault.OLD_FORMAT: _l(
        "This is a workbook of the old format (.xls, .et). Save it as .xlsx and choose it again."
    ),
    Fault.ENCRYPTED: _l("The workbook is protected by a password. Take it off and save it again."),
    Fault.TOO_LARGE: _l("The file is larger than %(most)s MB. Divide it."),
    Fault.TOO_MANY_ROWS: _l("At most %(most)s rows at a time; this file has %(rows)s. Divide it."),
    Fault.HOSTILE: _l(
        "The file unpacks to more than a list can be, or has unusual contents. Copy the rows into"
        " the template and save it again."
    ),
    Fault.ENCODING: _l("The text is neither UTF-8 nor GBK. Save it as .xlsx."),
    Fault.NO_HEADER: _l(
        "No visible sheet has the heads of this template. Missing: %(columns)s. Download the"
        " template and keep its first row."
    ),
    Fault.COLUMN_TWICE: _l("The column “%(column)s” stands twice. Take one of them out."),
    Fault.NO_ROWS: _l("The file has no rows to import."),
    Fault.EMPTY: _l("This must be filled in."),
    Fault.TOO_LONG: _l("At most %(most)s characters."),
    Fault.CONTROL: _l("There is an invisible sign in it. Type it anew."),
    Fault.FORMULA: _l("The cell is a formula without a result. Paste it as a value."),
    Fault.ERROR_VALUE: _l("The cell shows an error of the sheet. Correct it or leave it empty."),
    Fault.NOT_DATE: _l("This is no date. Write it like 2026-10-09."),
    Fault.NOT_TIME: _l("This is no time of day. Write it like 9:05."),
    Fault.NOT_NUMBER: _l("This is no whole number."),
    Fault.OUT_OF_RANGE: _l("The number must be from %(least)s to %(most)s."),
    Fault.NOT_YES_NO: _l("Write yes or no."),
    Fault.NOT_CHOICE: _l("Only these are possible: %(choices)s."),
    Fault.NOT_PHONE: _l("This is no telephone number."),
    Fault.DIGITS_LOST: _l("The sheet has cut the number short. Type it anew, as text."),
    Fault.MASKED: _l("It is masked with asterisks. Fill in the original."),
    Fault.NOT_NUMBER_OF_LEDGER: _l("Write the ledger number like 2025-0012."),
    Fault.NOT_NUMBER_OF_SLIP: _l("Write the slip number like 0012."),
    Fault.NOT_WEEKDAYS: _l("Write the weekdays in the template's way, Monday to Friday."),
    Fault.TWICE: _l("It is the same as in row %(row)s of the sheet “%(sheet)s”."),
    Fault.UNKNOWN_UNIT: _l("There is no unit “%(name)s” in use. Import or add it first."),
    Fault.UNKNOWN_PERSON: _l("There is no active account of “%(name)s” at this site."),
    Fault.NAMESAKES: _l("There are %(n)s people called “%(name)s”. Write the user name."),
    Fault.OTHER_PERSON: _l("The account with this user name belongs to “%(name)s”."),
    Fault.NUMBER_TAKEN: _l("The number %(number)s exists already."),
    Fault.OTHER_YEAR: _l("The year of the number is not the year of the registration."),
    Fault.SLIPS_AND_UNITS: _l("There are more slip numbers than receiving units."),
    Fault.LIMIT_MISSING: _l("A matter with a slip number needs its time limit."),
    Fault.UNIT_MISSING: _l("A finished matter needs the unit that received it."),
    Fault.FUTURE: _l("This lies in the future."),
    Fault.TOO_EARLY: _l("This is earlier than the step before it."),
    Fault.NOT_ON_TIME: _l("This contradicts the due time and the time of finishing."),
    Fault.ACHIEVED_MISSING: _l("A finished matter needs yes or no here."),
}


def fault_words(error: BadImport | Refusal, head: str = "") -> str:
    """Return why, in one sentence."""
    if isinstance(error, BadImport):
        return str(FAULTS[error.fault]) % error.facts if error.facts else str(FAULTS[error.fault])
    words = sentence(error)
    # A rule calls a field by its place on the form; here it is the column that people see.
    return words.replace(f"“{_('this field')}”", f"“{head}”") if head else words


def problem_words(problem: Problem) -> str:
    """Return the reason of one problem."""
    return fault_words(problem.error, problem.head)
