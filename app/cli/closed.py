"""FAB's own `flask fab …` writes past the rules of passwords and past the log: it is closed.

Flask finds it by itself, before there is an application; what is closed here is refused when it
asks for one, and taken out of the help.
"""

import click
from flask_appbuilder.cli import fab

# They only show what there is.
LEFT = frozenset({"export-roles", "list-users", "list-views", "version"})
ACCOUNTS = (
    "账号由系统管理员在“用户账号”页新增、停用和重置密码；"
    "新装单位的第一位管理员用 flask --app run setup 建立。"
)
ROLES = (
    "角色和权限随版本发布，用 flask --app run roles sync 写入；给人员授权由安全管理员在页面上办理。"
)
TABLES = "数据库结构用 flask --app run db upgrade 建立和升级。"
NOT_HERE = "本系统不使用这个命令。"
INSTEAD = {
    "create-admin": ACCOUNTS, "create-user": ACCOUNTS, "reset-password": ACCOUNTS,
    "import-roles": ROLES, "create-permissions": ROLES, "security-cleanup": ROLES,
    "security-converge": ROLES, "create-db": TABLES,
}  # fmt: skip
REFUSED = "此命令已停用：它绕过密码规则和审计日志。{instead}"


def close() -> None:
    """Refuse the command that is asking for this application, and hide the others."""
    fab.help = fab.short_help = "框架自带的查看命令；其余已停用。"
    for name, command in fab.commands.items():
        command.hidden = name not in LEFT
    context = click.get_current_context(silent=True)
    name = context.info_name if context is not None and _is_of_fab(context) else None
    if name and name not in LEFT:
        raise click.ClickException(REFUSED.format(instead=INSTEAD.get(name, NOT_HERE)))


def _is_of_fab(context: click.Context) -> bool:
    return context.parent is not None and context.parent.command is fab
