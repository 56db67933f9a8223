"""Numbers without a gap: a counter row per site, series and period, locked in the move itself."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.refusals import Code, Refusal
from app.domain.states import NumberKind
from app.extensions import db
from app.models import Counter


def _locked(site_id: int, series: NumberKind, period: str) -> Counter | None:
    return db.session.execute(
        select(Counter)
        .where(Counter.site_id == site_id, Counter.series == series.value)
        .where(Counter.period == period)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _counter(site_id: int, series: NumberKind, period: str) -> Counter:
    """Return the counter row, locked; two first draws of a year at once share one row."""
    row = _locked(site_id, series, period)
    if row:
        return row
    try:
        with db.session.begin_nested():
            db.session.add(Counter(site_id=site_id, series=series.value, period=period, last_no=0))
    except IntegrityError:
        pass  # another writer opened the series a moment ago: its row is the one to lock
    row = _locked(site_id, series, period)
    if row is None:
        raise Refusal(Code.STALE)
    return row


def draw_number(*, site_id: int, series: NumberKind, period: str) -> int:
    """Return the next number of the series; it is used or rolled back with the transaction.

    Call it late in a move: the row stays locked until the unit of work ends (D-32).
    """
    row = _counter(site_id, series, period)
    row.last_no += 1
    db.session.flush()
    return row.last_no


def start_number_after(*, site_id: int, series: NumberKind, period: str, last_no: int) -> None:
    """Let a series go on after `last_no`, where the office's paper numbers stand.

    Refuses a number below the last one drawn: numbers are never used twice.
    """
    row = _counter(site_id, series, period)
    if last_no < row.last_no:
        raise Refusal(Code.NUMBER_USED, field="last_no", last=row.last_no)
    row.last_no = last_no
    db.session.flush()


def go_on_after(*, site_id: int, series: NumberKind, period: str, last_no: int) -> None:
    """Let a series never draw a number up to `last_no` again; one that is past it stays."""
    row = _counter(site_id, series, period)
    row.last_no = max(row.last_no, last_no)
    db.session.flush()
