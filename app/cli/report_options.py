"""What the commands of `report` are asked about: days, site, unit and as of when."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import clock
from app.clock import OFFICE_ZONE
from app.extensions import db
from app.models import Site, Unit
from app.reports.past import as_of

BAD_DAY = "日期应写作2026-10-01。"
BAD_TIME = "时间应写作2026-10-31T17:00（不写时区的为北京时间）。"
NO_SITE = "没有服务场所“{name}”。"
NO_UNIT = "没有窗口（科室）“{name}”。"
UNIT_ELSEWHERE = "窗口（科室）“{name}”不在服务场所“{site}”。"
UNIT_TWICE = "有{count}个服务场所设有窗口（科室）“{name}”，请用 --site 指明：{sites}。"
NO_DATABASE = "数据库无法读取（{error}）。"
YEARS = range(2000, 2100)


def fail(sentence: str) -> SystemExit:
    """Return the end of a command that cannot do it; says why on stderr."""
    click.echo(sentence, err=True)
    return SystemExit(2)


def day(text: str, option: str) -> dt.date:
    """Return the day of 2026-10-01, or end the command."""
    try:
        found = dt.date.fromisoformat(text) if len(text) == 10 else None  # noqa: PLR2004
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise fail(f"{option} {text}：{BAD_DAY}")
    return found


def instant(text: str | None) -> dt.datetime:
    """Return the time given, of the office where it names no zone; the clock where none is."""
    if text is None:
        return clock.now()
    try:
        given = dt.datetime.fromisoformat(text)
        aware = given if given.tzinfo else given.replace(tzinfo=OFFICE_ZONE)
        found = aware.astimezone(OFFICE_ZONE)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        raise fail(f"--now {text}：{BAD_TIME}")
    return found


@contextmanager
def office_at(text: str | None) -> Iterator[dt.datetime]:
    """Yield the time asked for, the office's records as they were then; now where none is asked.

    A database that cannot be read ends the command.
    """
    now = instant(text)
    try:
        if text is None:
            yield now
        else:
            with as_of(now):
                yield now
    except DBAPIError as error:
        raise fail(NO_DATABASE.format(error=type(error).__name__)) from None


def site_of(name: str | None) -> Site | None:
    """Return the site by id or name, or end the command; None asks for all of them."""
    if name is None:
        return None
    found = _named(Site, name)
    if not found:
        raise fail(NO_SITE.format(name=name))
    return found[0]


def unit_of(name: str | None, site: Site | None) -> Unit | None:
    """Return the unit by id or name, of the site where one is named, or end the command."""
    if name is None:
        return None
    found = _named(Unit, name)
    if not found:
        raise fail(NO_UNIT.format(name=name))
    here = [unit for unit in found if site is None or unit.site_id == site.id]
    if not here:
        raise fail(UNIT_ELSEWHERE.format(name=name, site=site))
    if len(here) > 1:
        sites = "、".join(unit.site.name for unit in here)
        raise fail(UNIT_TWICE.format(count=len(here), name=name, sites=sites))
    return here[0]


def _named(kind: type[Any], name: str) -> list[Any]:
    """Return the rows of that name, else the one of that id."""
    query = select(kind).order_by(kind.id)
    found = list(db.session.scalars(query.where(kind.name == name.strip())))
    if not found and name.isascii() and name.isdigit() and len(name) < 10:  # noqa: PLR2004
        found = list(db.session.scalars(query.where(kind.id == int(name))))
    return found
