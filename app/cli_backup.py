"""`flask --app run backup FILE`: a whole copy of a SQLite database while people work."""

import os
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.extensions import db

NOT_SQLITE = "本命令只备份 SQLite。PostgreSQL 请用 pg_dump -Fc（见 docs/deploy.md）。"
EXISTS = "文件已存在，不会覆盖：{path}"
DONE = "已备份：{path}（{size} 字节）"


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@with_appcontext
def commands(path: Path) -> None:
    """Write a consistent copy of the database to PATH, which must not exist."""
    if db.engine.dialect.name != "sqlite":
        raise click.ClickException(NOT_SQLITE)
    if path.exists():
        raise click.ClickException(EXISTS.format(path=path))
    # SQLite fills an empty file too, and this one nobody else can read.
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with db.engine.connect() as connection:
        # A copied file may be torn; VACUUM INTO reads one state, outside any transaction of ours.
        driver = connection.connection.dbapi_connection
        driver.execute("VACUUM INTO ?", (str(path),))
    click.echo(DONE.format(path=path, size=path.stat().st_size))
