"""Which role opens which screen, as data; the workflow table decides what it may do to a case.

`flask --app run roles sync` writes SCREENS into FAB's permission tables; docs/permissions.md and
the endpoint tests read the same table.
"""

from typing import Any

from flask import g
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _

from app.actions.office import load_rules
from app.domain.states import Role
from app.fab.security import SafeSecurityManager
from app.models import Account
from app.web import login, sso
from app.web.sso import PROBLEM

_R = Role
EVERYONE = frozenset(set(Role) - {_R.SYSTEM})
EMERGENCY = frozenset({_R.EMERGENCY})
UNIT = frozenset({_R.UNIT_HANDLER, _R.UNIT_HEAD})
LEADERS = frozenset({_R.DUTY_LEADER, _R.GROUP_HEAD})
GROUP = LEADERS | {_R.GROUP_MEMBER}
DESK = frozenset({_R.DUTY_OFFICER})
SECTION = frozenset({_R.SUPERVISOR})
OFFICE = DESK | SECTION | GROUP
BUSINESS = OFFICE | UNIT
VIEWER = frozenset({_R.COUNTY_VIEWER})
# Whom the workflow lets read a telephone number in full (R61).
REVEALERS = DESK | SECTION | LEADERS | UNIT
# Opened, the sealed account does what the two administrators do; it reads no case and no log.
ADMIN = frozenset({_R.SYS_ADMIN}) | EMERGENCY
SECURITY = frozenset({_R.SEC_ADMIN}) | EMERGENCY
AUDIT = frozenset({_R.AUDITOR})

# class_permission_name of a view → permission → roles; one permission a line, sections by menu.
# The menu entry of a view is open to whoever may open the page behind it.
SCREENS: dict[str, dict[str, frozenset[Role]]] = {
    # 每个人自己的页面
    "OwnPasswordView": {
        "can_this_form_get": EVERYONE,
        "can_this_form_post": EVERYONE,
    },
    # 工作台
    "HomeView": {"can_index": EVERYONE},
    "NoticeView": {
        "can_list": EVERYONE,
        "can_read_all": EVERYONE,
        "read": EVERYONE,
        "open": EVERYONE,
    },
    # 接待受理
    "ReceptionView": {"can_list": OFFICE},
    "CaseView": {
        "can_list": BUSINESS | VIEWER,
        "can_export": BUSINESS | VIEWER,
        "can_export_full": REVEALERS,
        "sign": UNIT,
        "confirm": LEADERS,
        "close_unrated": DESK | SECTION,
        "print_ledgers": BUSINESS,
    },
    "RejectionView": {
        "can_list": OFFICE,
        "can_read": OFFICE,
    },
    "CasePage": {
        "can_read": BUSINESS | VIEWER,
        "can_reveal": BUSINESS,
    },
    "CaseMoves": {
        "can_move": BUSINESS,
    },
    "AttachmentView": {
        "can_list": BUSINESS,
        "can_download": BUSINESS,
        "can_attach": DESK | SECTION | LEADERS | UNIT,
        "can_void": DESK | SECTION | LEADERS | UNIT,
    },
    "IntakeView": {
        "can_register": DESK | LEADERS,
    },
    "ExportView": {
        "can_page": BUSINESS | VIEWER,
        "can_download": BUSINESS | VIEWER,
        "can_change": BUSINESS | VIEWER,
    },
    # 转办办理
    "ToDispatchView": {
        "can_list": OFFICE,
        "can_export": OFFICE,
        "can_export_full": OFFICE & REVEALERS,
    },
    "InHandlingView": {
        "can_list": BUSINESS | VIEWER,
        "can_export": BUSINESS | VIEWER,
        "can_export_full": REVEALERS,
        "sign": UNIT,
        "confirm": LEADERS,
    },
    "SlipView": {
        "can_list": BUSINESS | VIEWER,
        "print_slips": SECTION | LEADERS | UNIT,
    },
    "ReturnRequestView": {"can_list": BUSINESS},
    "ExtensionView": {
        "can_list": BUSINESS,
        "approve": LEADERS,
    },
    "GroupReviewView": {"can_list": BUSINESS},
    "Paper": {
        "can_ledger": BUSINESS,
        "can_ledger_full": BUSINESS,
        "can_slips": BUSINESS,
        "can_print_slips": SECTION | LEADERS | UNIT,
        "can_form": BUSINESS,
        "can_desk_form": OFFICE,
        "can_folder": OFFICE,
        "can_folder_full": OFFICE,
    },
    # 督办评价
    "MeasureDraftView": {
        "can_list": SECTION | LEADERS,
        "can_supervise": SECTION | LEADERS,
    },
    "SupervisionNoticeView": {"can_list": BUSINESS},
    "InterviewView": {"can_list": BUSINESS},
    "CircularView": {"can_list": BUSINESS},
    "EvaluationView": {
        "can_list": BUSINESS,
        "read": UNIT | LEADERS,
    },
    "CallBackView": {
        "can_list": OFFICE,
        "can_export": OFFICE,
        "can_export_full": OFFICE & REVEALERS,
        "close_unrated": DESK | SECTION,
    },
    "BadReviewView": {"can_list": BUSINESS},
    "SuperviseView": {
        "can_supervise": SECTION | LEADERS,
        "can_feedback": UNIT,
    },
    # 领导带班
    "LeaderVisitView": {
        "can_list": OFFICE | ADMIN,
        "can_arrive": LEADERS,
        "can_log": LEADERS,
        "can_save_log": LEADERS,
    },
    "LeaderRosterView": {
        "can_month": BUSINESS | ADMIN,
        "can_rotate": ADMIN | SECTION,
        "can_this_form_get": ADMIN | SECTION,
        "can_this_form_post": ADMIN | SECTION,
    },
    # 统计分析：窗口（科室）只看本单位的
    "StatisticsView": {
        "can_page": BUSINESS | VIEWER,
        "can_list": BUSINESS | VIEWER,
    },
    "UnitRankingView": {"can_page": OFFICE | VIEWER},
    "CauseView": {"can_page": BUSINESS | VIEWER},
    "TrendView": {"can_page": BUSINESS | VIEWER},
    "MonthlyView": {
        "can_page": SECTION | GROUP | VIEWER,
        "can_download": SECTION | LEADERS,
    },
    "ScoreView": {
        "can_page": SECTION | GROUP | UNIT | VIEWER,
        "can_list": SECTION | GROUP | UNIT | VIEWER,
        "can_paper": SECTION | GROUP | VIEWER,
        "can_rules": SECTION | GROUP,
        "can_write": SECTION,
    },
    # 基础信息
    "UnitView": {
        "can_list": ADMIN | SECTION,
        "can_show": ADMIN | SECTION,
        "can_add": ADMIN,
        "can_edit": ADMIN,
        "can_delete": ADMIN,
    },
    "SiteView": {
        "can_list": ADMIN,
        "can_show": ADMIN,
        "can_add": ADMIN,
        "can_edit": ADMIN,
    },
    "GroupMemberView": {
        "can_list": ADMIN | SECTION | GROUP,
        "can_show": ADMIN | SECTION | GROUP,
        "can_add": ADMIN,
        "can_edit": ADMIN,
        "can_delete": ADMIN,
    },
    "DutyShiftView": {
        "can_list": OFFICE | ADMIN,
        "can_week": BUSINESS | ADMIN,
        "can_fill": ADMIN | SECTION,
        "can_repeat": ADMIN | SECTION,
    },
    "WorkCalendarView": {
        "can_year": BUSINESS | ADMIN,
        "can_import_notice": ADMIN,
        "can_this_form_get": ADMIN,
        "can_this_form_post": ADMIN,
    },
    "TimetableView": {
        "can_list": ADMIN | SECTION,
        "can_show": ADMIN | SECTION,
        "can_add": ADMIN,
        "can_edit": ADMIN,
        "can_delete": ADMIN,
    },
    "DictEntryView": {
        "can_list": ADMIN | SECTION,
        "can_show": ADMIN | SECTION,
        "can_add": ADMIN | SECTION,
        "can_edit": ADMIN | SECTION,
        "can_delete": ADMIN,
    },
    "BasisView": {
        "can_list": EVERYONE,
        "can_show": EVERYONE,
        "can_add": ADMIN | SECTION,
        "can_edit": ADMIN | SECTION,
        "can_delete": ADMIN,
    },
    "FlowChartView": {"can_flow": BUSINESS},
    # 系统管理
    "AccountAdminView": {
        "can_list": ADMIN | SECURITY,
        "can_show": ADMIN | SECURITY,
        "can_add": ADMIN,
        "can_edit": ADMIN,
        "can_userinfo": EVERYONE,
        "can_reset_password": ADMIN,
        "can_unlock": SECURITY,
    },
    "PasswordView": {
        "can_this_form_get": ADMIN,
        "can_this_form_post": ADMIN,
    },
    "RoleAssignView": {
        "can_this_form_get": SECURITY,
        "can_this_form_post": SECURITY,
    },
    "ImportView": {
        "can_page": ADMIN | SECURITY | SECTION,
        "can_change": ADMIN | SECURITY | SECTION,
    },
    "ApiTokenView": {"can_page": BUSINESS | VIEWER},
    "ApiTokenAdminView": {
        "can_page": SECURITY,
        "can_revoke": SECURITY,
    },
    "RoleMatrixView": {"can_matrix": ADMIN | SECURITY | AUDIT},
    "SettingsView": {
        "can_this_form_get": ADMIN,
        "can_this_form_post": ADMIN,
    },
    "PolicyView": {
        "can_this_form_get": SECURITY,
        "can_this_form_post": SECURITY,
    },
    "CounterView": {
        "can_series": ADMIN,
        "can_this_form_get": ADMIN,
        "can_this_form_post": ADMIN,
    },
    "NoticeTemplateView": {
        "can_list": ADMIN,
        "can_change": ADMIN,
        "can_restore": ADMIN,
    },
    "OutgoingView": {
        "can_list": ADMIN,
        "can_show": ADMIN,
        "resend": ADMIN,
    },
    "JobsView": {
        "can_page": ADMIN,
        "can_run": ADMIN,
        "can_this_form_get": ADMIN,
        "can_this_form_post": ADMIN,
    },
    "HealthView": {
        "can_page": ADMIN,
        "can_release": ADMIN,
    },
    "AuditView": {
        "can_list": AUDIT,
        "can_show": AUDIT,
        "can_take": AUDIT,
    },
}


class OfficeSecurityManager(SafeSecurityManager):
    """FAB's security manager over the office's accounts."""

    user_model = Account

    def __init__(self, appbuilder: AppBuilder) -> None:
        # Here: the views read this module's table.
        from app.views.accounts import AccountAdminView
        from app.views.passwords import OwnPasswordView, PasswordView
        from app.views.role_matrix import RoleMatrixView

        self.userdbmodelview, self.rolemodelview = AccountAdminView, RoleMatrixView
        self.resetmypasswordview, self.resetpasswordview = OwnPasswordView, PasswordView
        super().__init__(appbuilder)

    def auth_user_db(self, username: str, password: str) -> Account | None:
        """Return who comes in under this name and password; five failures lock the account."""
        return login.try_password(username, password)

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> Account | None:
        """Return whose log-in it is that the provider vouches for."""
        return sso.arrived(userinfo)

    def note_failure(self, username: str, why: str = "") -> None:
        """Write down that nobody came in."""
        sso.note_failure(username, why)

    def refusal_words(self) -> str:
        """Return the same words for an unknown name, a wrong password and a locked account."""
        if PROBLEM in g:
            return str(g.get(PROBLEM))
        rules = load_rules()
        words = _(
            "Wrong user name or password, or the account is locked: %(failures)s failures lock it"
            " for %(minutes)s minutes.",
            failures=rules.lock_failures, minutes=rules.lock_minutes,
        )  # fmt: skip
        if rules.admin_networks:
            words += _("Administrators log in from the addresses set for them only.")
        return words

    def log_out(self) -> None:
        """End this log-in and every other of the same person."""
        login.leave()

    def load_user(self, pk: int) -> Account | None:
        """Return whose log-in the cookie's token is, if it still stands."""
        return login.account_of(int(pk))
