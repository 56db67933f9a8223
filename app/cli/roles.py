"""`flask --app run roles …`: roles and permissions as the release ships them."""

import click
from flask.cli import AppGroup

from app.role_sync import sync_roles

commands = AppGroup("roles", help="Roles and permissions.")


@commands.command("sync")
def sync() -> None:
    """Write the roles and what each may open into the database; a second run changes nothing."""
    click.echo(f"角色和权限已同步，更新 {sync_roles()} 项。")
