"""A month of an office written as lines of text: who did what to which case, and when."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from app.actions import calendars, closing, dispatch, extensions, group, handling, returns
from app.domain.calendar_parts import DayKind
from app.domain.states import ComplaintAbout, EvalLevel, LimitClass
from app.models import Case
from tests.busy import CONDUCT, NAMELESS, SECRET
from tests.factories import Office, at

CLASSES = {"0": LimitClass.IMMEDIATE, "1": LimitClass.ONE_DAY, "3": LimitClass.THREE_DAYS}
UNITS = ("land", "build", "tax")
BEFORE = {"occurred_at": at("2026-09-10 10:00")}
FACTS: dict[str, dict[str, Any]] = {
    "section": CONDUCT | BEFORE | {"complaint_about": ComplaintAbout.SECTION},
    "secret": SECRET | BEFORE,
    "nameless": NAMELESS,
}
Step = tuple[dt.datetime, str, str]


def steps(lives: str) -> list[Step]:
    """Return (time, case, what is done) of every line, in the order of time.

    `b1 | 09-14 10:00 submit; 09-15 09:30 land 1; 09:40 sign`: a time without a date is of the
    same day, `land 1` hands over to that unit in the 1-day class.
    """
    found = []
    for line in lives.strip().splitlines():
        name, _, life = re.sub(r"#.*", "", line).partition("|")
        day = ""
        for step in life.split(";"):
            match = re.fullmatch(r"(\d\d-\d\d )?(\d\d:\d\d) (.+)", step.strip())
            assert match, step
            day = match[1] or day
            found.append((at(f"2026-{day}{match[2]}"), name.strip(), match[3].strip()))
    return sorted(found, key=lambda step: step[0])


class Month:
    """The cases of the month by name, and the moves that the lines speak of."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cases: dict[str, Case] = {}

    def do(self, now: dt.datetime, name: str, words: str) -> None:
        """Make one move through the actions, as the person whose move it is."""
        verb, *rest = words.split()
        if verb in FACTS:
            self.cases[name] = self.office.draft(now=now, **FACTS[verb])
        elif verb == "closed":
            self._close(now)
        elif verb == "submit":
            self._submit(now, name)
        elif verb in UNITS:
            self._hand_over(now, name, verb, *rest)
        else:
            (self._of_the_unit() | self._of_the_office())[verb](self.cases[name], now, *rest)

    def _close(self, now: dt.datetime) -> None:
        calendars.set_override(
            site_id=self.office.site.id, day=now.date(), kind=DayKind.CLOSED,
            notice_no="平政函〔2026〕9号", note="停电", by=self.office.sys_admin, now=now,
        )  # fmt: skip

    def _submit(self, now: dt.datetime, name: str) -> None:
        case = self.cases.get(name) or self.office.draft(now=now)
        self.cases[name] = self.office.submit(case, now=now)

    def _hand_over(
        self, now: dt.datetime, name: str, unit: str, limit: str, *co: str, by: str = "clerk"
    ) -> None:
        if name not in self.cases or self.cases[name].submitted_at is None:
            self._submit(now, name)
        case = self.cases[name]
        by = "leader" if case.complaint_about is ComplaintAbout.SECTION else by
        self.office.dispatch(
            case, lead=unit, limit=CLASSES[limit], co=co, now=now, by=self.office.people[by]
        )

    def _of_the_unit(self) -> dict[str, Callable[..., Any]]:
        office, unit = self.office, self.office.units
        return {
            "sign": lambda c, now: office.sign(c, now=now),
            "sign_only": lambda c, now: handling.sign(c, by=office.head_of(c), now=now),
            "co": lambda c, now, u: handling.sign_co(c, by=office.people[f"{u}_head"], now=now),
            "explain": lambda c, now: office.explain(c, now=now),
            "done": lambda c, now: office.resolve(c, now=now),
            "return": lambda c, now, u: returns.request_return(
                c, reason="非本单位职责", suggest_unit_id=unit[u].id, by=office.head_of(c), now=now
            ),
            "ask": lambda c, now, days: extensions.apply_extension(
                c, days=int(days), reason="需省厅批复", work_done="已报材料",
                by=office.head_of(c), now=now,
            ),
        }  # fmt: skip

    def _of_the_office(self) -> dict[str, Callable[..., Any]]:
        office, unit = self.office, self.office.units
        return {
            "confirm": lambda c, now: office.confirm(c, now=now),
            "good": lambda c, now: office.rate(c, now=now),
            "bad": lambda c, now: office.rate(c, EvalLevel.BAD, now=now),
            "justified": lambda c, now: office.verify(c, now=now),
            "grant": lambda c, now, days: extensions.approve_extension(
                c, days=int(days), opinion="同意", by=office.leader, now=now
            ),
            "refuse": lambda c, now: extensions.refuse_extension(
                c, opinion="不同意", by=office.leader, now=now
            ),
            "reassign": lambda c, now, u: returns.reassign(
                c, lead_unit_id=unit[u].id, by=office.clerk, now=now
            ),
            "keep": lambda c, now: returns.refuse_return(
                c, reason="属本单位职责", by=office.clerk, now=now
            ),
            "void": lambda c, now: dispatch.void_slips(
                c, reason="单位有误", by=office.clerk, now=now
            ),
            "withdraw": lambda c, now: closing.withdraw(
                c, reason="已自行办妥", proof="书面", by=office.officer, now=now
            ),
            "escalate": lambda c, now: group.escalate(
                c, by=office.leader, now=now, reason="多家推诿"
            ),
            "decide": lambda c, now, day, time: office.decide(
                c, met=now - dt.timedelta(hours=1), due=at(f"2026-{day} {time}"), now=now
            ),
            "agree": lambda c, now: group.confirm_decision(c, by=office.chief, now=now),
        }  # fmt: skip
