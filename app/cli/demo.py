"""`flask --app run demo load`: the demo office, into an empty demo database."""

import datetime as dt
import time

import click
from flask.cli import AppGroup
from flask_migrate import upgrade

from app.clock import OFFICE_ZONE
from app.demo import load, refuse_outside_demo
from app.role_sync import sync_roles

commands = AppGroup("demo", help="演示数据。")


def _time(_context: object, _parameter: object, text: str | None) -> dt.datetime | None:
    """Return an ISO time; without an offset it is the office's own."""
    if text is None:
        return None
    try:
        given = dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("请写成 2026-11-20T17:00 的形式。") from None
    return given if given.tzinfo else given.replace(tzinfo=OFFICE_ZONE)


@commands.command("load", help="把演示事项逐步装入空的演示库。")
@click.option("--now", callback=_time, help="装到这一时间为止，如 2026-11-20T17:00。")
def load_demo(now: dt.datetime | None) -> None:
    """Replay the sample cases into an empty demo database."""
    started = time.monotonic()
    refuse_outside_demo()
    upgrade()
    sync_roles()
    steps = load(now)
    click.echo(f"演示数据已装入：{steps} 步，用时 {time.monotonic() - started:.1f} 秒。")
