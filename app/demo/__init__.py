"""The demo office: 24 cases replayed through the actions the screens call, and what stands around.

Nothing here is for a real office; every person, firm and telephone number is invented.
"""

import datetime as dt

from flask import current_app
from sqlalchemy import select

from app.actions.composing import suppress_waiting
from app.demo.courses import case_steps
from app.demo.data import moment, read_json
from app.demo.desk import consultation_steps, reading_steps, rejection_steps
from app.demo.office import open_office
from app.demo.replay import replay
from app.demo.rosters import roster_steps, visit_steps
from app.extensions import db
from app.models import Setting, Site
from app.unit_of_work import unit_of_work
from app.web.server import accounts_file
from config import Settings

LOADED = "demo_loaded"
NOT_DEMO = "演示数据只能装入演示库，本系统为正式办公系统，未作任何改动。"
NOT_EMPTY = "数据库中已有数据，演示数据只能装入空库，未作任何改动。"
OLD_NEWS = "演示数据装入前的消息，不再发送"
HALF_LOADED = "上次装入演示数据时中断。请删除演示库文件后重新启动，演示数据会重新装入。"


class DemoRefused(SystemExit):
    """The demo data may not be loaded here; its Chinese text is for the person who asked."""


def load(until: dt.datetime | None = None) -> int:
    """Load the demo office as it stands at `until`, the file's end at the latest.

    Returns the number of steps played; refuses a real office's system and a database
    that holds anything.
    """
    settings = refuse_outside_demo()
    if _is_used():
        raise DemoRefused(NOT_EMPTY)
    end = moment(read_json("sample_cases.json")["now"])
    until = min(until or end, end)
    office = open_office(accounts_file(settings))
    steps = [
        *roster_steps(office),
        *case_steps(office),
        *rejection_steps(office),
        *consultation_steps(office, until.date()),
        *visit_steps(office),
        *reading_steps(until.date()),
    ]
    played = replay(steps, until=until)
    with unit_of_work():
        suppress_waiting(now=until, note=OLD_NEWS)
        db.session.add(Setting(name=LOADED, text=until.isoformat()))
    return played


def refuse_outside_demo() -> Settings:
    """Return the settings of the demo office; refuses a real office's system."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.is_demo:
        raise DemoRefused(NOT_DEMO)
    return settings


def load_when_empty() -> None:
    """Load the demo office unless it is there; refuses one whose loading was interrupted."""
    if not _is_used():
        load()
    elif db.session.get(Setting, LOADED) is None:
        raise DemoRefused(HALF_LOADED)


def _is_used() -> bool:
    return db.session.scalars(select(Site.id).limit(1)).first() is not None
