"""`flask --app run roles …`: roles and permissions as the release ships them."""

import click
from flask.cli import AppGroup

from app.role_sync import sync_roles

commands = AppGroup("roles", help="角色与权限。")


@commands.command("sync", help="把角色和权限写入数据库；重复运行不再改动。")
def sync() -> None:
    """Write the roles and what each may open into the database; a second run changes nothing."""
    click.echo(f"角色和权限已同步，更新 {sync_roles()} 项。")
