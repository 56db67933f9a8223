"""Writing an export: the rows read from one instant, the file made aside, the progress told.

The request writes what is short, the job what is long, both through here. The rights are those
of the asker at the time of writing, not of asking.
"""

import datetime as dt
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, func, select

from app.actions.exports import (
    NO_RIGHT,
    fail,
    finish,
    held,
    may_export,
    report_progress,
    sight_text,
)
from app.database import snapshot
from app.disk import is_full
from app.domain.exports import ExportStatus
from app.extensions import db
from app.files import Shelf, StoredFile
from app.models import Account, Case, ExportRequest, Site
from app.reports.case_lists import matching
from app.reports.ledger_cells import Entry, Reader, cells, reader_of
from app.reports.ledger_rows import CHUNK, Contents, Undone, contents, ledger_rows
from app.reports.ledger_xlsx import MOST_ROWS, Heading, heading, write_ledger
from app.reports.moment import Moment
from app.reports.period import Condition
from app.unit_of_work import unit_of_work

log = logging.getLogger(__name__)

SMALL = 1000  # rows that are written while the person waits
BLOCK = 1 << 20

NOTHING_LEFT = "没有可导出的台账：事项已变化，或已不在可见范围内。"
TOO_MANY = "超过一百万行，一张工作表放不下，请分年度导出。"
NO_ROOM = "服务器磁盘空间不足，请联系系统管理员。"
BROKEN = "生成时出错，请重新导出；仍不成功的，请联系系统管理员查看运行日志。"


class GivenUp(Exception):
    """It was cancelled, or another writer has taken it over."""


class CannotWrite(Exception):
    """Why there is no file, in Chinese for the person who asked."""


@dataclass
class Order:
    """What is to be written, free of the session: whose rows, for which eyes, on which day."""

    condition: Condition
    reader: Reader
    now: dt.datetime
    sight: str = ""
    names: dict[int, tuple[str, str]] = field(default_factory=dict)  # site → (name, office)
    undone: Undone = field(default_factory=dict)


def wanted_cases(listing: str, query: str, *, by: Account, at: dt.datetime) -> Condition:
    """Return the numbered cases of a list's filter that the person may see."""
    chosen = dict(parse_qsl(query))
    return matching(listing, chosen, at=Moment(by, at)) & Case.ledger_no.is_not(None)


def count_wanted(listing: str, query: str, *, by: Account, at: dt.datetime) -> int:
    """Return how many rows an export would have; one statement."""
    condition = wanted_cases(listing, query, by=by, at=at)
    return db.session.scalar(select(func.count(Case.id)).where(condition)) or 0


def write_export(
    export_id: int, lease: str, *, shelf: Shelf, now: dt.datetime, chunk: int = CHUNK
) -> ExportStatus | None:
    """Write the file of an export that is held by `lease`; None if it was given up meanwhile."""
    started = time.monotonic()

    def clock() -> dt.datetime:
        return now + dt.timedelta(seconds=time.monotonic() - started)

    try:
        return _write(export_id, lease, shelf, now, clock, chunk)
    except GivenUp:
        return None
    except Exception as error:
        log.exception("export %s failed", export_id)
        with unit_of_work():
            row = held(export_id, lease=lease)
            if row is None:
                return None
            fail(row, reason=_reason(error), now=clock())
        return ExportStatus.FAILED


def _reason(error: Exception) -> str:
    if isinstance(error, CannotWrite):
        return str(error)
    return NO_ROOM if is_full(error) else BROKEN


def _write(
    export_id: int, lease: str, shelf: Shelf, now: dt.datetime, clock: Any, chunk: int
) -> ExportStatus | None:
    order = _order(export_id, lease, now)

    def tell(done: int, total: int) -> None:
        with unit_of_work():
            if not report_progress(
                export_id=export_id, lease=lease, rows_done=done, rows_total=total, now=clock()
            ):
                raise GivenUp

    with shelf.workplace() as folder:
        path = folder / "ledger.xlsx"
        with snapshot(db.engine) as connection:
            found = _checked(contents(connection, order.condition))
            top = write_workbook(str(path), order, found, connection, tell=tell, chunk=chunk)
        tell(len(found.ids), len(found.ids))
        stored = shelf.add(_blocks(path))
    status = None
    try:
        with unit_of_work():
            status = _keep(held(export_id, lease=lease), stored, top, found, order.sight, clock())
    finally:
        if status is not ExportStatus.DONE:
            shelf.remove(stored.name)
    return status


def _order(export_id: int, lease: str, now: dt.datetime) -> Order:
    """Read who asked and what he may see now."""
    with unit_of_work():
        row = held(export_id, lease=lease)
        if row is None:
            raise GivenUp
        if not may_export(row.by, is_full=row.is_full):
            raise CannotWrite(NO_RIGHT)
        # What was late or due this month when he asked is what he asked for.
        condition = wanted_cases(row.listing, row.query, by=row.by, at=row.asked_at)
        reader = reader_of(row.by, is_full=row.is_full)
        return Order(condition, reader, now, sight_text(row.by), site_names())


def site_names() -> dict[int, tuple[str, str]]:
    """Return each site's name and the office it belongs to."""
    query = select(Site.id, Site.name, Site.office_name).order_by(Site.sort_order, Site.id)
    return {key: (name, office or name) for key, name, office in db.session.execute(query)}


def _checked(found: Contents) -> Contents:
    if not found.ids:
        raise CannotWrite(NOTHING_LEFT)
    if len(found.ids) > MOST_ROWS:
        raise CannotWrite(TOO_MANY)
    return found


def write_workbook(
    path: str, order: Order, found: Contents, connection: Connection, *, tell: Any = None,
    chunk: int = CHUNK,
) -> Heading:  # fmt: skip
    """Write the ledger of an order to a file, telling after each chunk how far it is."""
    top = _heading(found, order)
    write_ledger(path, _told(found, order, connection, tell, chunk), top)
    return top


def _heading(found: Contents, order: Order) -> Heading:
    """Name the site where all rows are of one, else every office once."""
    names = [order.names[key] for key in order.names if key in found.site_ids]
    site = names[0][0] if len(names) == 1 else ""
    offices = "、".join(dict.fromkeys(office for _name, office in names))
    return heading(found.years, office=offices, site=site, at=order.now)


def _told(
    found: Contents, order: Order, connection: Connection, tell: Any, chunk: int
) -> Iterator[Sequence[Any]]:
    many, total = len(found.site_ids) > 1, len(found.ids)
    for count, row in enumerate(ledger_rows(connection, found.ids, chunk=chunk)):
        if tell is not None and count % chunk == 0:
            tell(count, total)
        yield cells(Entry(row, order.reader, many, order.undone))


def _keep(
    row: ExportRequest | None, stored: StoredFile, top: Heading, found: Contents, sight: str,
    now: dt.datetime,
) -> ExportStatus | None:  # fmt: skip
    """Write down the file; not if it was given up, or the person's place changed meanwhile."""
    if row is None:
        return None
    if not may_export(row.by, is_full=row.is_full) or sight_text(row.by) != sight:
        fail(row, reason=NO_RIGHT, now=now)
    else:
        finish(
            row, title=top.sheet, stored_name=stored.name, size=stored.size,
            sha256=stored.sha256, ids=found.ids, sight=sight, now=now,
        )  # fmt: skip
    return row.status


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def file_name(row: ExportRequest) -> str:
    """Return what the browser calls the file: 2026年问题台账（2026-11-23）.xlsx."""
    return f"{row.title}（{row.asked_at:%Y-%m-%d}）.xlsx"
