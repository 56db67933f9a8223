"""角色授权: which role opens which screen, in words, from the table the permissions come from."""

from dataclasses import dataclass
from typing import Any

from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
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
