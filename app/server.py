"""The embedded server: prepares the demo office or checks a real one, then serves with waitress."""

import importlib
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import waitress
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.actions import sealing
from app.clock import now
from app.extensions import db
from app.jobs import scheduler
from app.models.keyring import KeyProblem
from app.role_sync import sync_roles
from app.schema import UNFINISHED
from app.unit_of_work import unit_of_work
from config import Settings, make_key_file

NOT_MIGRATED = """\
数据库尚未建立，或与本版本不符。请先运行：
  新装：flask --app run setup
  升级：flask --app run db upgrade
  恢复没有完成：重新运行 flask --app run backup restore 备份文件"""
WRONG_DATA_KEY = """\
数据密钥与数据库不符：库中的电话号码是用另一个密钥加密的，为避免新旧混杂，系统不启动。
请把原来的密钥放回 {path}，或写入环境变量 BANJIE_DATA_KEY。
不要为此新生成密钥：那样已登记的电话号码再也无法读出。"""
ADDRESS = "办结已启动：{url}\n按 Ctrl+C 停止。"
DEMO = "演示数据，请勿录入真实事项。演示账号（用户名、密码、角色）见：{path}"


def serve(app: Flask, settings: Settings) -> int:
    """Serve until interrupted; returns the exit code of the process."""
    with app.app_context():
        if settings.is_demo:
            prepare_demo(app, settings)
        elif not is_migrated(app):
            print(NOT_MIGRATED)
            return 1
        try:
            with unit_of_work():
                sealing.confirm(now=now())
        except KeyProblem:
            print(WRONG_DATA_KEY.format(path=settings.data_key_path))
            return 1
    ticking = scheduler.start(app, seconds=settings.tick_seconds) if settings.scheduler else None
    server = waitress.create_server(
        app, host=settings.host, port=settings.port, threads=settings.threads, ident=None
    )
    print(ADDRESS.format(url=f"http://{settings.host}:{server.effective_port}"), flush=True)
    if settings.is_demo:
        print(DEMO.format(path=accounts_file(settings)), flush=True)
    # A service manager stops with SIGTERM; answers on their way are finished first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    finally:
        if ticking:
            ticking.shutdown()
    return 0


def prepare_demo(app: Flask, settings: Settings) -> None:
    """Make the demo office ready: key, tables, roles, and its cases when there are none."""
    app.secret_key = make_key_file(settings).read_text().strip()
    upgrade()
    sync_roles()
    # The demo office comes with the source, not with every installation.
    if find_spec("app.demo"):
        importlib.import_module("app.demo").load_when_empty()


def accounts_file(settings: Settings) -> Path:
    """Return where the demo's random passwords are written, readable by the owner only."""
    return settings.instance / "demo-accounts.csv"


def is_migrated(app: Flask) -> bool:
    """Return whether the database has exactly the tables this version expects."""
    directory = app.extensions["migrate"].directory
    with db.engine.connect() as connection:
        if inspect(connection).has_table(UNFINISHED):
            return False
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(ScriptDirectory(directory).get_heads())
