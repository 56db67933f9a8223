"""The numbers of the plan and of the decision register as one value; each may be a setting."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.domain.audit import KEPT_AT_LEAST_DAYS
from app.domain.privacy_notice import DEFAULT as NOTICE


@dataclass(frozen=True)
class Rules:
    """What an office may set, with the default of the decision register (D-…) or the plan (R…)."""

    # 交办
    draft_target_minutes: int = 30  # D-04: 登记 to 提交
    same_day_cutoff_minutes: int = 30  # D-02: 0 is strict
    carry_over_time: dt.time = dt.time(12)  # D-02, D-05: noon of the next working day
    immediate_min_minutes: int = 60  # D-05
    limit_starts_at: Literal["issue", "sign"] = "issue"  # D-01
    sign_hours: int = 2  # domain/2.3 sign_rate: signed within 2 business hours
    # 退回、改派
    return_working_hours: int = 4  # D-14
    max_returns_per_unit: int = 1  # D-14
    # 办理
    explanation_soft_days: int = 1  # D-08: a warning, not a limit
    co_half_days_earlier: int = 1  # D-13: 协办 due one half-day before 主办; 0 is the same time
    contact_attempts: int = 3  # D-20
    contact_days: int = 2  # D-20: attempts on at least so many days
    # 延期
    extension_cap_days: int = 7  # R31
    max_extensions: int = 1  # D-10: approved applications per case, 1–3
    extension_basis: Literal["original_due", "issue"] = "original_due"  # D-10
    # 领导小组
    group_target_days: int = 3  # D-12, D-38: then the count of days is red
    quorum: Literal["more_than_half", "two_thirds", "all"] = "more_than_half"  # D-12
    # 评价、重办
    evaluation_window_days: int = 5  # D-28
    verify_days: int = 1  # D-26
    redo_days: int = 5  # D-26
    max_rounds: int = 2  # D-26, T26: bad again after this round, the leader decides
    repeat_days: int = 30  # D-25: calendar days after closing
    partly_solved: Literal["nothing", "half"] = "nothing"  # domain/2.3 solved_rate: w of 部分解决
    # 黄牌 (domain/2.2); red is always past due
    yellow_hours_immediate: int = 1
    yellow_hours_one_day: int = 3
    yellow_days: int = 1  # 3-day cases and every extended one
    # 提醒 (domain/2.2)
    dispatch_warn_minutes: int = 30  # business minutes before the 当日转办 is late
    unsigned_hours_one_day: int = 1
    unsigned_hours_three_days: int = 2
    reminder_days: int = 2  # before an extended due time
    warn_ahead_minutes: int = 30  # a warning outside office hours comes so long before they end
    # 督办阶梯 (domain/2.2)
    notice_after_days: int = 1  # working days after the 催办
    interview_after_days: int = 5  # working days overdue
    interview_reds: int = 2  # reds of one unit in a calendar month
    # 消息
    mail_notices: bool = True  # 站内消息 is always written
    webhook_notices: bool = False
    mails_per_hour: int = 10  # to one person; more are gathered into one
    # 周报、月报: who reads them
    weekly_to_section: bool = True
    weekly_to_leaders: bool = True
    weekly_to_head: bool = False
    weekly_to_members: bool = False
    monthly_to_section: bool = True
    monthly_to_leaders: bool = True
    monthly_to_head: bool = True
    monthly_to_members: bool = False
    # 个人信息 (domain/4 §4.2)
    privacy_notice: str = NOTICE  # art. 17: what the reporter is told
    reveals_a_day: int = 30  # looks at full numbers by one person, then it is told
    keep_case_years: int = 3  # after closing name and phone are masked for good
    keep_desk_years: int = 1  # 接待, 不予受理
    # 备份
    backup_keep: int = 14  # the newest so many stay
    # 导出
    export_keep_days: int = 7  # then the file goes, the record stays
    # 接待登记
    min_visits: int = 2  # R08: 多次
    recent_phone_days: int = 30  # calendar days in which the same phone is shown
    # 登录 (domain/4 §4.1): GB/T 22239 names no numbers
    password_length: int = 8
    password_kinds: int = 3
    password_history: int = 5  # so many last ones are not taken again
    password_days: int = 90
    lock_failures: int = 5
    lock_minutes: int = 30
    idle_minutes: int = 30
    session_hours: int = 12
    unused_days: int = 90  # then an account is listed as not used
    api_token_days: int = 90  # a token of the REST interface lasts so long at most
    # 表单
    annex_marks: bool = False  # domain/3 §3.1: “附件3”, “附件4” above the titles
    second_half_title: Literal["as_plan", "handover"] = "as_plan"  # D-31: 存根 on both halves
    slip_no_with_year: bool = False  # D-32: NO 2026-0001
    # 审计日志
    audit_keep_days: int = 1095  # domain/4 §4.1: three years; what holds is audit_days
    # 三员
    simplified_admins: bool = False  # D-35, domain/4 §4.1.1: 简化模式, one person as 系统+安全
    admin_networks: str = ""  # domain/4 §4.1: where the three come from; empty: everywhere

    @property
    def audit_days(self) -> int:
        """Return how many days the audit log is kept: never fewer than the law asks for."""
        return max(self.audit_keep_days, KEPT_AT_LEAST_DAYS)
