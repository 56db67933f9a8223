"""角色授权: which role opens which screen, in words, from the table the permissions come from."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.domain.states import Role
from app.views.labels import label
from app.views.permission_words import PERMISSION_WORDS, SCREEN_WORDS

ROLES = [role for role in Role if role is not Role.SYSTEM]


@dataclass(frozen=True)
class MatrixRow:
    """What some roles may do on a screen."""

    screen: str
    what: str
    roles: frozenset[Role]


def matrix_rows() -> list[MatrixRow]:
    """Return a row for each screen and set of roles, permissions of equal roles together."""
    from app.security import SCREENS  # here: the security manager itself brings this view

    found = []
    for screen, permissions in SCREENS.items():
        together: dict[frozenset[Role], list[str]] = {}
        for permission, roles in permissions.items():
            words = together.setdefault(roles, [])
            word = str(PERMISSION_WORDS.get(permission, permission))
            if word not in words:
                words.append(word)
        title = str(SCREEN_WORDS.get(screen, screen))
        found += [MatrixRow(title, "、".join(words), roles) for roles, words in together.items()]
    return found


def permissions_markdown() -> str:
    """Return docs/permissions.md: the same rows as the page, always in Chinese."""
    with current_app.test_request_context("/"), force_locale("zh"):
        heads = [label(role) for role in ROLES]
        lines = [
            "# 角色授权",
            "",
            "本页由 `flask --app run docs write` 从 `app/security.py` 的权限表生成，"
            "测试核对两者一致；请勿手工修改。",
            "权限由 `flask --app run roles sync` 写入数据库；能看到哪些反映事项，"
            "还取决于角色和所属窗口（科室）。",
            "",
            f"| 功能页面 | 操作 | {' | '.join(heads)} |",
            f"|---|---|{':-:|' * len(heads)}",
        ]
        for row in matrix_rows():
            ticks = " | ".join("✓" if role in row.roles else "" for role in ROLES)
            lines.append(f"| {row.screen} | {row.what} | {ticks} |")
    return "\n".join(lines) + "\n"


class RoleMatrixView(BaseView):
    """The matrix; roles change with a release, people get them in 用户账号."""

    route_base = "/roles"
    default_view = "matrix"
    title = _l("Roles and permissions")

    @expose("/")
    @has_access
    def matrix(self) -> Any:
        """Show every screen and role."""
        return self.render_template(
            "reference/roles.html",
            roles=[(role, label(role)) for role in ROLES],
            rows=matrix_rows(),
        )
