"""Which role opens which screen, as data; the workflow table decides what it may do to a case.

`flask --app run roles sync` writes SCREENS into FAB's permission tables; docs/permissions.md and the
endpoint tests read the same table.
"""

from app.domain.states import Role
from app.fab.security import SafeSecurityManager
from app.models import Account

_R = Role
EVERYONE = frozenset(set(Role) - {_R.SYSTEM})
UNIT = frozenset({_R.UNIT_HANDLER, _R.UNIT_HEAD})
LEADERS = frozenset({_R.DUTY_LEADER, _R.GROUP_HEAD})
GROUP = LEADERS | {_R.GROUP_MEMBER}
DESK = frozenset({_R.DUTY_OFFICER})
SECTION = frozenset({_R.SUPERVISOR})
OFFICE = DESK | SECTION | GROUP
BUSINESS = OFFICE | UNIT
ADMIN = frozenset({_R.SYS_ADMIN})

# class_permission_name of a view → permission → roles. `menu_access` follows from can_list/can_this.
SCREENS: dict[str, dict[str, frozenset[Role]]] = {}


class OfficeSecurityManager(SafeSecurityManager):
    """FAB's security manager over the office's accounts."""

    user_model = Account
