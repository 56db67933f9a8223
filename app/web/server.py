"""The embedded server: prepares the demo office or checks a real one, then serves with waitress."""

import importlib
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import waitress
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask

from app.actions import sealing
from app.clock import now
from app.extensions import db
from app.jobs import scheduler
from app.models.keyring import KeyProblem
from app.role_sync import sync_roles
from app.schema import UNFINISHED
from app.unit_of_work import unit_of_work
from config import Settings, make_key_file
from config_words import WRONG_DATA_KEY

NOT_MIGRATED = """\
数据库尚未建立，或与本版本不符。请先运行：
  新装：flask --app run setup
  升级：flask --app run db upgrade
  恢复没有完成：重新运行 flask --app run backup restore 备份文件"""
ADDRESS = "办结已启动：{url}\n按 Ctrl+C 停止。"
# Without a byte; from the first byte to the last of the head; of the whole, as a slow line needs.
IDLE_SECONDS, HEAD_SECONDS, BODY_SECONDS = 30, 20, 600
ERROR_WORDS = {
    400: "请求不能识别，没有受理。请从系统首页重新进入。",
    413: "提交的内容过大，没有受理。附件请分开上传。",
    431: "网址或请求头过长，没有受理。请减少筛选条件，或清除本网站的 Cookie 后再试。",
    500: "系统出错，本次操作没有保存，请稍后再试。",
    501: "请求的方式不支持，没有受理。请从系统首页重新进入。",
}
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
    server = make_server(app, settings)
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


def make_server(app: Any, settings: Settings) -> Any:
    """Return the server, listening; a request that is too large or too slow gets no thread."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(
        app, map=sockets, host=settings.host, port=settings.port, threads=settings.threads,
        # Says nothing about what answers here.
        ident=None,
        # Above the application's own limit, whose page is in Chinese; waitress alone takes 1 GB.
        max_request_body_size=4 * settings.max_upload_bytes,
        # Address and headers together; the longest filter and cookie are far below.
        max_request_header_size=32 * 1024,
        # A browser keeps six open: enough for an office; poll() has no bound of 1024.
        connection_limit=400, asyncore_use_poll=True,
        # An open connection that says nothing.
        channel_timeout=IDLE_SECONDS, cleanup_interval=10,
        # Otherwise the headers of the proxy are gone before ProxyFix sees them.
        clear_untrusted_proxy_headers=not settings.proxies,
    )  # fmt: skip
    for one in sockets.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = BoundedChannel
    return server


class RefusedTask(ErrorTask):
    """The answer to a request that reaches no page, in Chinese instead of waitress's English."""

    def execute(self) -> None:
        """Answer and close."""
        error = self.request.error
        body = f"{ERROR_WORDS.get(error.code, ERROR_WORDS[400])}（{error.code}）\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class BoundedChannel(HTTPChannel):
    """A connection whose request must arrive in time: waitress counts from byte to byte only."""

    error_task_class = RefusedTask
    began = 0.0

    def received(self, data: bytes) -> bool:
        """Take what came, or close the connection of who dawdles."""
        now = time.monotonic()
        if self.request is None:
            self.began = now
        else:
            is_head = not self.request.headers_finished
            if now - self.began > (HEAD_SECONDS if is_head else BODY_SECONDS):
                self.will_close = True
                return False
        return bool(super().received(data))


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
