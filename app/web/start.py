"""What every server asks before it serves, whichever it is: do the keys fit the data?"""

import logging
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import OperationalError

from app.actions.sealing import strange_keys
from app.extensions import db
from app.models import DataKey
from app.models.keyring import KeyRing
from config import SettingError, Settings
from config_words import WRONG_DATA_KEY

log = logging.getLogger(__name__)


def refuse_strange_data(app: Flask, settings: Settings) -> None:
    """Raise SettingError where the numbers in the database were sealed by another key.

    A database that does not answer yet is asked at the first commit, which seals nothing by a
    strange key.
    """
    with app.app_context():
        try:
            is_strange = _is_filled(db.engine) and bool(strange_keys(_keys(settings)))
        except OperationalError:
            log.warning("the database does not answer: its data key is not checked at the start")
            return
        finally:
            db.session.remove()
            db.engine.dispose()  # workers that are forked later connect for themselves
    if is_strange:
        raise SettingError(WRONG_DATA_KEY.format(path=settings.data_key_path))


def is_command() -> bool:
    """Return whether this is `flask …`, whose `keys`, `setup` and `backup restore` put it right.

    `flask run` serves as any other server does.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.find_object(ScriptInfo) is None:
        return False
    return context.info_name != "run"


def _is_filled(engine: Engine) -> bool:
    """Return whether there are tables; asking must not make the file of a database."""
    is_file = engine.dialect.name == "sqlite"
    if is_file and not Path(engine.url.database or "").is_file():
        return False
    return inspect(engine).has_table(DataKey.__tablename__)


def _keys(settings: Settings) -> KeyRing | None:
    secrets = settings.data_keys()
    return KeyRing(secrets) if secrets else None
