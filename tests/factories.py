"""An office in a few lines, and cases walked to any state through the actions themselves."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import Role as RoleRecord
from sqlalchemy import insert, select

from app.actions import closing, dispatch, evaluation, extensions, group, handling, intake
from app.actions.calendars import STAMP
from app.actions.setup import ensure_system_account
from app.domain.states import (
    Action,
    ApplyMode,
    Category,
    ComplexGround,
    ContactMode,
    DecisionType,
    DictKind,
    EvalChannel,
    EvalLevel,
    ItemKind,
    LimitClass,
    ResultType,
    Role,
    SolvedLevel,
    State,
    StuckStage,
    UnitKind,
    Verdict,
)
from app.extensions import db
from app.models import (
    Account,
    CalendarYear,
    Case,
    DictEntry,
    GroupMember,
    LeaderRoster,
    OfficialDay,
    Setting,
    Site,
    Timetable,
    Unit,
)
from app.models.roles import role_of
from app.official import notice_of, official_days

ZONE = ZoneInfo("Asia/Shanghai")
YEARS = (2025, 2026)  # published in these tests; 2027 is not
ROSTER = (dt.date(2026, 9, 1), 130)  # the first day and how many
NAME, PHONE = "郁东篱", "16000000006"
NARRATIVE = "线上申请慢病备案两次被退回，提示信息不一致，窗口说法前后不同，至今没有办成。"


def at(text: str) -> dt.datetime:
    """Return the office's aware time of `2026-10-09 09:35`, seconds optional."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = "2026-10-12"  # an ordinary week follows: no holiday until the end of the year
REGISTERED = at(f"{MONDAY} 09:00")
SUBMITTED = at(f"{MONDAY} 09:10")
DISPATCHED = at(f"{MONDAY} 09:30")
SIGNED = at(f"{MONDAY} 09:40")
RESOLVED = at(f"{MONDAY} 10:30")
CONFIRMED = at(f"{MONDAY} 15:00")
RATED = at("2026-10-13 09:00")
VERIFIED = at("2026-10-13 10:00")
DUE_1 = at("2026-10-13 17:00")  # of a 1-day slip issued at DISPATCHED
DUE_3 = at("2026-10-15 17:00")

INTAKE: dict[str, Any] = {
    "category": Category.NOT_ACCEPTED,
    "reporter_name": NAME,
    "phone": PHONE,
    "item_name": "慢病备案",
    "item_kind": ItemKind.APPLICATION,
    "apply_mode": ApplyMode.ONLINE,
    "stuck_stage": StuckStage.ACCEPTANCE,
    "narrative": NARRATIVE,
    "is_informed": True,
}
EXPLANATION = {
    "basic_facts": "基本情况",
    "verification": "核查经过",
    "policy_basis": "政策依据",
    "difficulty": "难点",
    "proposal": "报上级协调",
}


@dataclass
class Office:
    """One site with its units and people; `people` by a short name, see `make_office`."""

    site: Site
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Account] = field(default_factory=dict)
    members: dict[str, GroupMember] = field(default_factory=dict)
    cause: DictEntry = field(default_factory=DictEntry)
    ground: DictEntry = field(default_factory=DictEntry)
    roles: dict[Role, RoleRecord] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Account:
        """Return a person by the short name: office.clerk."""
        people = self.__dict__.get("people", {})
        if name not in people:
            raise AttributeError(name)
        return people[name]

    def add_unit(self, key: str, name: str, **values: Any) -> Unit:
        """Return a new unit of the site."""
        values = {"unit_kind": UnitKind.WINDOW, "sort_order": len(self.units)} | values
        self.units[key] = Unit(site_id=self.site.id, name=name, **values)
        db.session.add(self.units[key])
        return self.units[key]

    def add(self, key: str, *roles: Role, unit: str = "", **values: Any) -> Account:
        """Return a new account of the site (or of another `site_id`)."""
        username = f"{key}-{self.site.id}"
        values = {"site_id": self.site.id, "first_name": f"甲{key}", "active": True} | values
        account = Account(
            username=username,
            last_name="",
            email=f"{username}@local.invalid",
            unit=self.units[unit] if unit else None,
            roles=[self.roles[role] for role in roles],
            **values,
        )
        self.people[key] = account
        db.session.add(account)
        return account

    # -- a case, step by step ----------------------------------------------------------------

    def draft(self, *, now: dt.datetime = REGISTERED, **facts: Any) -> Case:
        """Return a complete 接待登记 that has not left the desk."""
        return intake.register(site_id=self.site.id, facts=INTAKE | facts, by=self.officer, now=now)

    def submit(self, case: Case, *, now: dt.datetime = SUBMITTED) -> Case:
        """Hand it to the section."""
        return intake.submit(case, by=self.officer, now=now)

    def dispatch(
        self,
        case: Case,
        *,
        lead: str = "land",
        co: tuple[str, ...] = (),
        limit: LimitClass = LimitClass.ONE_DAY,
        now: dt.datetime = DISPATCHED,
        by: Account | None = None,
    ) -> Case:
        """Issue its slips."""
        complex_grounds = [ComplexGround.MANY_UNITS] if limit is LimitClass.THREE_DAYS else []
        dispatch.dispatch(
            case, lead_unit_id=self.units[lead].id, co_unit_ids=[self.units[k].id for k in co],
            content="请核查并答复反映人", limit_class=limit, complex_grounds=complex_grounds,
            by=by or self.clerk, now=now,
        )  # fmt: skip
        return case

    def head_of(self, case: Case) -> Account:
        """Return the head of the unit that leads the case."""
        return next(
            a
            for k, a in self.people.items()
            if k.endswith("_head") and a.unit_id == case.lead_unit_id
        )

    def sign(self, case: Case, *, now: dt.datetime = SIGNED) -> Case:
        """Sign for the lead unit; the 3-day class gets its 问题处理说明 too."""
        handling.sign(case, by=self.head_of(case), now=now)
        if case.limit_class is LimitClass.THREE_DAYS:
            self.explain(case, now=now)
        return case

    def explain(self, case: Case, *, now: dt.datetime = SIGNED) -> None:
        """Write the 问题处理说明."""
        handling.explain(case, by=self.head_of(case), now=now, **EXPLANATION)

    def resolve(self, case: Case, *, now: dt.datetime = RESOLVED, **facts: Any) -> Case:
        """Submit the result."""
        values: dict[str, Any] = {
            "result_type": ResultType.SOLVED, "is_achieved": True, "handling_note": "已核实补录",
            "reply_text": "已为您办妥", "reply_mode": ContactMode.PHONE, "replied_at": now,
            "cause_id": self.cause.id, "by": self.head_of(case),
        }  # fmt: skip
        handling.resolve(case, now=now, **(values | facts))
        return case

    def confirm(self, case: Case, *, now: dt.datetime = CONFIRMED) -> Case:
        """Let today's leader sign."""
        closing.confirm(case, by=self.leader, now=now)
        return case

    def rate(
        self, case: Case, level: EvalLevel = EvalLevel.GOOD, *, now: dt.datetime = RATED
    ) -> Case:
        """Record the reporter's rating."""
        evaluation.evaluate(
            case, level=level, solved=SolvedLevel.SOLVED, channel=EvalChannel.CALL,
            by=self.officer, now=now,
        )  # fmt: skip
        return case

    def verify(
        self,
        case: Case,
        verdict: Verdict = Verdict.JUSTIFIED,
        *,
        now: dt.datetime = VERIFIED,
    ) -> Case:
        """Rule on a bad rating."""
        evaluation.verify(case, verdict=verdict, verify_note="已电话核实", by=self.clerk, now=now)
        return case

    def extend(
        self,
        case: Case,
        days: int = 5,
        *,
        asked: dt.datetime,
        granted: dt.datetime,
        allowed: int | None = None,
    ) -> Case:
        """Ask for an extension and have it granted."""
        extensions.apply_extension(
            case, days=days, reason="需省厅批复", work_done="已报材料", by=self.head_of(case),
            now=asked,
        )  # fmt: skip
        extensions.approve_extension(
            case, days=allowed or days, opinion="同意", by=self.leader, now=granted
        )
        return case

    def decide(
        self, case: Case, *, met: dt.datetime, due: dt.datetime | None, **facts: Any
    ) -> None:
        """Record what the group decided."""
        values: dict[str, Any] = {
            "met_at": met, "chair_id": self.members["chief"].id,
            "attendee_ids": [m.id for m in self.members.values()],
            "decision_type": DecisionType.TIME_LIMIT, "decision": "限期办理",
            "lead_unit_id": case.lead_unit_id, "new_due_at": due, "by": self.clerk,
            "now": met + dt.timedelta(hours=1),
        }  # fmt: skip
        group.record_decision(case, **(values | facts))

    # -- a case in a state -------------------------------------------------------------------

    def case_in(
        self, state: State, *, limit: LimitClass = LimitClass.ONE_DAY, **facts: Any
    ) -> Case:
        """Return a case walked to `state` by the shortest way through the actions."""
        case = self.draft(**facts)
        for step in _WAYS[state]:
            _STEPS[step](self, case, limit)
        assert case.state is state
        return case


def _reject(office: Office, case: Case, _limit: LimitClass) -> None:
    intake.reject(
        case, ground=office.ground.id, legal_basis="条例第三条", explain_text="已当面解释",
        referred_to="县信访局", by=office.officer, now=SUBMITTED,
    )  # fmt: skip


def _merge(office: Office, case: Case, _limit: LimitClass) -> None:
    other = office.submit(office.draft(item_name="另一件事"))
    dispatch.merge(case, target_id=other.id, reason="同一事项", by=office.clerk, now=DISPATCHED)


_STEPS: dict[Action, Any] = {
    Action.SUBMIT: lambda office, case, limit: office.submit(case),
    Action.DISPATCH: lambda office, case, limit: office.dispatch(case, limit=limit),
    Action.SIGN: lambda office, case, limit: office.sign(case),
    Action.RESOLVE: lambda office, case, limit: office.resolve(case),
    Action.CONFIRM: lambda office, case, limit: office.confirm(case),
    Action.EVALUATE: lambda office, case, limit: office.rate(case),
    Action.VERIFY: lambda office, case, limit: (
        office.rate(case, EvalLevel.BAD),
        office.verify(case),
    ),
    Action.ESCALATE: lambda office, case, limit: group.escalate(
        case, by=office.leader, now=RESOLVED, reason="涉及多家单位"
    ),
    Action.REJECT: _reject,
    Action.WITHDRAW: lambda office, case, limit: closing.withdraw(
        case, reason="已自行办好", proof="来电记录", by=office.officer, now=DISPATCHED
    ),
    Action.MERGE: _merge,
}
_TO_HANDLING = (Action.SUBMIT, Action.DISPATCH, Action.SIGN)
_TO_EVALUATE = (*_TO_HANDLING, Action.RESOLVE, Action.CONFIRM)
_WAYS: dict[State, tuple[Action, ...]] = {
    State.DRAFT: (),
    State.TO_DISPATCH: (Action.SUBMIT,),
    State.TO_SIGN: (Action.SUBMIT, Action.DISPATCH),
    State.HANDLING: _TO_HANDLING,
    State.GROUP_REVIEW: (*_TO_HANDLING, Action.ESCALATE),
    State.TO_CONFIRM: (*_TO_HANDLING, Action.RESOLVE),
    State.TO_EVALUATE: _TO_EVALUATE,
    State.REDO: (*_TO_EVALUATE, Action.VERIFY),
    State.ARCHIVED: (*_TO_EVALUATE, Action.EVALUATE),
    State.REJECTED: (Action.REJECT,),
    State.WITHDRAWN: (Action.SUBMIT, Action.WITHDRAW),
    State.MERGED: (Action.SUBMIT, Action.MERGE),
}


def make_office(number: int = 1) -> Office:
    """Return a site with three units (land, build, tax), one closed (gone), and everybody in it.

    People: officer, officer2, clerk, clerk2, leader (on the roster every day), leader2, chief
    (组长), m1–m3 (members), viewer, system, three administrators, and for each unit a handler
    and a head: land_handler, land_head, …. Nothing is committed.
    """
    # A fixed id: the calendar of a site is remembered by it for as long as the process lives.
    site = Site(id=number, name=f"第{number}政务服务中心", office_name="县审批服务局")
    db.session.add(site)
    db.session.flush()
    office = Office(site, roles=_roles())
    for key, name in (("land", "不动产登记窗口"), ("build", "工程建设科"), ("tax", "税务窗口")):
        office.add_unit(key, name)
    office.add_unit("gone", "已撤窗口", is_active=False)
    _hire(office)
    _fill_lists(office, number)
    db.session.flush()
    return office


def _roles() -> dict[Role, RoleRecord]:
    """Return FAB's records of all roles, as `roles sync` has made them."""
    records = db.session.execute(select(RoleRecord)).scalars()
    return {role: record for record in records if (role := role_of(record.name))}


def _hire(office: Office) -> None:
    everybody = {
        "officer": Role.DUTY_OFFICER, "officer2": Role.DUTY_OFFICER, "clerk": Role.SUPERVISOR,
        "clerk2": Role.SUPERVISOR, "leader": Role.DUTY_LEADER, "leader2": Role.DUTY_LEADER,
        "chief": Role.GROUP_HEAD, "m1": Role.GROUP_MEMBER, "m2": Role.GROUP_MEMBER,
        "m3": Role.GROUP_MEMBER, "viewer": Role.COUNTY_VIEWER, "sys_admin": Role.SYS_ADMIN,
        "sec_admin": Role.SEC_ADMIN, "auditor": Role.AUDITOR,
    }  # fmt: skip
    for key, role in everybody.items():
        office.add(key, role)
    for unit in ("land", "build", "tax"):
        office.add(f"{unit}_handler", Role.UNIT_HANDLER, unit=unit)
        office.add(f"{unit}_head", Role.UNIT_HEAD, unit=unit)
    office.people["system"] = ensure_system_account()
    for order, key in enumerate(("chief", "leader", "leader2", "m1", "m2", "m3")):
        office.members[key] = GroupMember(
            site_id=office.site.id, account=office.people[key], post="成员", sort_order=order,
            is_head=key == "chief", valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip
    db.session.add_all(office.members.values())
    db.session.flush()
    first, days = ROSTER
    roster = [
        {"site_id": office.site.id, "day": first + dt.timedelta(days=n), "remark": "",
         "leader_id": office.leader.id, "is_leader_away": False}
        for n in range(days)
    ]  # fmt: skip
    db.session.execute(insert(LeaderRoster), roster)


def _fill_lists(office: Office, number: int) -> None:
    office.cause = DictEntry(kind=DictKind.CAUSE.value, name=f"信息不符{number}")
    office.ground = DictEntry(kind=DictKind.GROUND.value, name=f"涉法涉诉{number}")
    hours = {"am_start": 9, "am_end": 12, "pm_start": 13, "pm_end": 17}
    db.session.add_all((office.cause, office.ground))
    db.session.add(
        Timetable(
            site_id=office.site.id, name="全年", valid_from=dt.date(2001, 1, 1),
            **{name: dt.time(hour) for name, hour in hours.items()},
        )
    )  # fmt: skip
    if db.session.get(Setting, STAMP) is None:
        db.session.add(Setting(name=STAMP, text="factory"))
        days = [{"day": d.on, "kind": d.kind, "name": d.name} for d in official_days(*YEARS)]
        db.session.execute(insert(OfficialDay), days)
        db.session.add_all(
            CalendarYear(year=year, is_published=True, notice_no=notice_of(year)) for year in YEARS
        )
