"""`flask --app run backup …`: make a checked copy of the database, or check an old one."""

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.backup import EXISTS, BackupError, create_backup, verify_backup, write_backup
from app.clock import now

DONE = "已备份并校验：{path}（{size} 字节）"
WHOLE = "备份完好：{path}"

commands = AppGroup("backup", help="备份与校验。")


@commands.command("create")
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
def create(path: Path | None) -> None:
    """Write a checked copy to PATH, which must not exist, or to instance/backups."""
    settings = current_app.config["SETTINGS"]
    try:
        if path is None:
            path = create_backup(settings, now=now()).path
        elif path.exists():
            raise BackupError(EXISTS.format(path=path))
        else:
            write_backup(path, settings)
    except (BackupError, OSError) as error:
        raise click.ClickException(_reason(error)) from error
    click.echo(DONE.format(path=path, size=path.stat().st_size))


@commands.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
def verify(path: Path) -> None:
    """Read the backup PATH to its end; the exit code is 1 when it is damaged."""
    try:
        verify_backup(path, current_app.config["SETTINGS"])
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(WHOLE.format(path=path))


def _reason(error: Any) -> str:
    return str(getattr(error, "strerror", None) or error)
