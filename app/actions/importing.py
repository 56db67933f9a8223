"""导入: a file is judged row by row, waits, and is applied whole and once, or not at all."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select

from app.actions.import_days import DayImporter, HoursImporter, LeaderImporter, ShiftImporter
from app.actions.import_ledger import LedgerImporter
from app.actions.import_office import (
    AccountImporter,
    GroupImporter,
    RoleImporter,
    UnitImporter,
)
from app.actions.import_rows import Importer, Judged, judge
from app.actions.people import roles_of
from app.domain.import_kinds import MAY_IMPORT, ImportKind, Outcome, RunStatus
from app.domain.import_table import Table
from app.domain.refusals import Code, Refusal
from app.extensions import db
from app.files import StoredFile
from app.models import Account, ImportRun, Site

KEPT = dt.timedelta(hours=24)  # an upload nobody applied, and initial passwords nobody fetched
IMPORTERS: dict[ImportKind, type[Importer]] = {
    ImportKind.UNITS: UnitImporter,
    ImportKind.ACCOUNTS: AccountImporter,
    ImportKind.ROLES: RoleImporter,
    ImportKind.GROUP: GroupImporter,
    ImportKind.LEADERS: LeaderImporter,
    ImportKind.SHIFTS: ShiftImporter,
    ImportKind.HOURS: HoursImporter,
    ImportKind.DAYS: DayImporter,
    ImportKind.LEDGER: LedgerImporter,
}
# What a dry run writes and takes back: nobody can log in with it.
NO_HASH = "!"


class PlanChanged(Exception):
    """The rows no longer do what the person has seen; `judged` is what they would do now."""

    def __init__(self, judged: Judged) -> None:
        super().__init__()
        self.judged = judged


def kinds_for(account: Account) -> list[ImportKind]:
    """Return what somebody may import: what they may change by hand."""
    roles = roles_of(account)
    return [kind for kind, allowed in MAY_IMPORT.items() if roles & allowed]


def may_import(account: Account, kind: ImportKind, *, site_id: int) -> None:
    """Refuse whoever may not import this kind, or not for this site."""
    if kind not in kinds_for(account):
        raise Refusal(Code.ROLE_MISSING)
    if account.site_id is not None and account.site_id != site_id:
        raise Refusal(Code.OTHER_SITE)


def try_out(
    kind: ImportKind, table: Table, *, site_id: int, by: Account, now: dt.datetime
) -> Judged:
    """Return every row's verdict; what was written on the way must be taken back by the caller."""
    may_import(by, kind, site_id=site_id)
    hashes = [NO_HASH] * len(table.lines)
    return judge(_importer(kind, site_id=site_id, by=by, now=now, hashes=hashes), table)


def writes_on_trial(kind: ImportKind) -> bool:
    """Return whether judging the rows writes, so that it must be taken back."""
    return IMPORTERS[kind].writes_rows


def _importer(
    kind: ImportKind,
    *,
    site_id: int,
    by: Account,
    now: dt.datetime,
    hashes: Iterable[str],
    run_id: int | None = None,
) -> Importer:
    site = db.session.get_one(Site, site_id)
    own = {"hashes": iter(hashes)} if kind is ImportKind.ACCOUNTS else {}
    return IMPORTERS[kind](site=site, by=by, now=now, run_id=run_id, **own)


def note_upload(
    kind: ImportKind,
    judged: Judged,
    *,
    file_name: str,
    upload: StoredFile,
    verdicts: StoredFile,
    site_id: int,
    by: Account,
    now: dt.datetime,
) -> ImportRun:
    """Return the record of a file that was judged and waits for its person."""
    may_import(by, kind, site_id=site_id)
    run = ImportRun(
        site_id=site_id, kind=kind, file_name=file_name[-120:], file_size=upload.size,
        sha256=upload.sha256, stored_name=upload.name, uploaded_at=now, by_id=by.id,
    )  # fmt: skip
    note_verdicts(run, judged, verdicts=verdicts)
    db.session.add(run)
    db.session.flush()
    return run


def note_verdicts(run: ImportRun, judged: Judged, *, verdicts: StoredFile) -> None:
    """Remember what the person is about to see."""
    run.verdicts_name, run.plan = verdicts.name, judged.plan
    run.rows_new, run.rows_changed = judged.count(Outcome.NEW), judged.count(Outcome.CHANGED)
    run.rows_same, run.rows_bad = judged.count(Outcome.SAME), judged.count(Outcome.BAD)
    run.rows_left_out = judged.count(Outcome.LEFT_OUT)


def lock_run(run_id: int, *, by: Account) -> ImportRun:
    """Return one's own run, locked; refuses one that has been applied or dropped."""
    run = db.session.execute(
        select(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.by_id == by.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if run is None:
        raise Refusal(Code.NOT_FOUND)
    if run.status is not RunStatus.WAITING:
        raise Refusal(Code.ALREADY_DONE)
    return run


def apply(
    run: ImportRun, table: Table, *, hashes: Iterable[str], by: Account, now: dt.datetime
) -> Judged:
    """Write every row of a locked run; raises PlanChanged when they do not do what was shown.

    Whatever it raises, nothing may be kept: the unit of work around it goes as a whole.
    """
    may_import(by, run.kind, site_id=run.site_id)
    importer = _importer(
        run.kind, site_id=run.site_id, by=by, now=now, hashes=hashes, run_id=run.id
    )
    judged = judge(importer, table)
    if not judged.is_clean or judged.plan != run.plan:
        raise PlanChanged(judged)
    importer.save()
    run.status, run.applied_at = RunStatus.APPLIED, now
    db.session.flush()
    return judged


def drop(run: ImportRun, *, by: Account, now: dt.datetime) -> None:
    """Give an upload up."""
    run.status = RunStatus.DROPPED


def stale_files(*, now: dt.datetime) -> list[str]:
    """End what has waited too long; return the names of the files nobody needs any more."""
    old = db.session.execute(
        select(ImportRun).where(
            ImportRun.uploaded_at < now - KEPT,
            (ImportRun.stored_name != "")
            | (ImportRun.verdicts_name != "")
            | (ImportRun.secrets_name != ""),
        )
    ).scalars()
    return [name for run in old for name in _emptied(run)]


def _emptied(run: ImportRun) -> list[str]:
    names = [run.stored_name, run.verdicts_name, run.secrets_name]
    if run.status is RunStatus.WAITING:
        run.status = RunStatus.EXPIRED
    run.stored_name = run.verdicts_name = run.secrets_name = ""
    return [name for name in names if name]
