"""The office: sites, units, accounts, the leading group and the words in its lists."""

import datetime as dt

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.states import UnitKind
from app.models.types import UtcDateTime, by_value


class Site(Model):
    """服务场所: one hall with its own numbers, calendar, rosters and leaders (R01, R43)."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    office_name: Mapped[str] = mapped_column(String(60), default="")
    paper_name: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    sort_order: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def head(self) -> str:
        """Return the name that stands over its papers, before “办不成事”反映窗口."""
        return self.paper_name or self.name

    def __repr__(self) -> str:
        return self.name


class Unit(Model):
    """窗口（科室）: who answers for the result of what is handed to it (R22)."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("site_id", "name", name="uq_units_site_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(String(60))
    unit_kind: Mapped[UnitKind] = mapped_column(by_value(UnitKind))
    sort_order: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    handler_may_sign_off: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    site: Mapped[Site] = relationship()

    def __repr__(self) -> str:
        return self.name


class Account(User):
    """用户账号: FAB's user with its place in the office; the 姓名 stands in `first_name`."""

    __tablename__ = "ab_user"
    __table_args__ = {"extend_existing": True}

    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    post: Mapped[str | None] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(30))
    sort_order: Mapped[int | None] = mapped_column(default=0)
    # A password given by somebody else lasts for one log-in; failures stand in FAB's own column.
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    password_set_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    site: Mapped[Site | None] = relationship(foreign_keys=[site_id])
    unit: Mapped[Unit | None] = relationship(foreign_keys=[unit_id])

    @property
    def name(self) -> str:
        """姓名, without the space that FAB puts in the middle."""
        return f"{self.last_name or ''}{self.first_name or ''}"

    def get_full_name(self) -> str:
        """Return 姓名 for FAB's own templates."""
        return self.name

    def __repr__(self) -> str:
        return self.name


class GroupMember(Model):
    """工作领导小组 member with post, official rank and validity (R40, R52)."""

    __tablename__ = "group_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    post: Mapped[str] = mapped_column(String(80))
    is_head: Mapped[bool] = mapped_column(Boolean, default=False)
    sort_order: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    site: Mapped[Site] = relationship()

    def __repr__(self) -> str:
        return f"{self.account.name}（{self.post}）"


class DictEntry(Model):
    """数据字典: causes, grounds of not accepting, referrals, reasons of a bad rating, bases."""

    __tablename__ = "dict_entries"
    __table_args__ = (UniqueConstraint("kind", "name", name="uq_dict_entries_kind_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(60))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("dict_entries.id"))
    detail: Mapped[str] = mapped_column(Text, default="")
    sort_order: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    parent: Mapped["DictEntry | None"] = relationship(remote_side=[id])

    @property
    def full_name(self) -> str:
        """Return 上级—名称, as the papers write a cause."""
        return f"{self.parent.name}—{self.name}" if self.parent else self.name

    def __repr__(self) -> str:
        return self.name


class Setting(Model):
    """系统参数: one changed setting; defaults stand in domain.rules."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(String(1000))

    def __repr__(self) -> str:
        return self.name


class Counter(Model):
    """The last number drawn of a series, per site and calendar year (domain/3 §3.4)."""

    __tablename__ = "counters"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(24), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    last_no: Mapped[int] = mapped_column(default=0)
