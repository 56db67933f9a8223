"""A month over 国庆 2026, the clock walked in steps: who is told what, and when, by hand.

Worked on 09-14…18, Sunday 09-20, 09-21…24, 09-28…30, 10-08…10 (Saturday), 10-12…14; on 09-24 at
10:10 the power fails and the office closes for that day. The server stands still from 10-06 12:00
to 10-09 12:00.
"""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.notice_kinds import STAGES, NoticeKind
from app.domain.states import SupervisionKind
from app.extensions import db
from app.jobs import scan_deadlines, scheduler
from app.models import Account, Notice, Supervision
from app.models.notice import SITE_CHANNEL
from app.unit_of_work import unit_of_work
from tests.domain.moments import at as moment
from tests.domain.moments import rows
from tests.factories import at, make_office
from tests.jobs.month import Month, steps

FIRST, LAST = at("2026-09-14 08:00"), at("2026-10-14 12:00")
WORKED = {9: {14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 28, 29, 30}, 10: {8, 9, 10, 12, 13, 14}}
DOWN = (at("2026-10-06 12:00"), at("2026-10-09 12:00"))

LIVES = """
a1 | 09-14 09:30 land 0; 09:40 sign; 10:30 done; 15:00 confirm; 09-15 09:00 good
a2 | 09-22 09:20 secret; 09:30 build 1; 09:40 sign; 10:30 done; 15:00 confirm; 09-23 09:00 good
a3 | 10-12 09:30 tax 3; 09:40 sign; 10-13 10:00 done; 15:00 confirm; 16:00 good
b1 | 09-14 10:00 submit; 09-15 09:30 land 1; 09:40 sign; 10:30 done
b2 | 09-14 16:20 submit; 16:50 build 1; 09-15 09:00 sign; 10:00 done
b3 | 09-18 17:10 submit; 09-20 13:00 tax 0; 13:10 sign; 14:00 done
b4 | 09-30 16:40 submit; 10-09 14:00 tax 1; 14:10 sign; 10-10 10:00 done
b5 | 09-16 09:50 section; 10:00 submit; 17:10 land 1; 09-17 09:00 sign; 10:00 done
b6 | 09-24 09:50 submit; 09-28 11:40 land 1; 11:50 sign; 15:00 done
c1 | 09-15 09:30 land 1; 10:40 sign; 11:00 done
c2 | 09-15 11:30 build 3; 14:40 sign; 09-16 10:00 done
c3 | 09-18 16:30 tax 1; 09-20 09:40 sign; 10:00 done
c4 | 09-21 10:00 land 3 build tax; 10:10 sign; 11:00 co build; 09-22 10:00 done
c5 | 09-16 13:50 secret; 14:00 land 1; 15:10 sign; 16:00 done
c6 | 09-16 10:00 tax 0; 15:00 sign; 15:30 done
d1 | 09-15 09:30 land 0; 09:40 sign; 16:30 done
d2 | 09-15 10:00 build 1; 10:10 sign; 09-17 10:00 done
d3 | 09-16 10:00 tax 3; 10:10 sign; 09-22 10:00 done
d4 | 09-21 10:00 build 1; 10:10 sign; 09-28 10:00 done
d5 | 09-23 10:00 land 1; 10:10 sign; 10-12 10:00 done
d6 | 09-28 10:00 land 3; 10:10 sign; 10-10 10:00 done
d7 | 09-30 10:00 tax 1; 10:10 sign; 10-09 14:00 done
d8 | 10-09 13:00 tax 1; 13:10 sign; 10-13 10:00 done
d9 | 09-29 16:20 build 0; 16:30 sign; 10-14 10:00 done
d0 | 09-21 09:30 tax 3; 09:40 sign; 09-28 10:00 done
e1 | 09-14 10:00 land 3; 10:10 sign; 09-15 10:00 ask 3; 14:00 grant 3; 09-21 10:00 done
e2 | 09-14 10:00 build 3; 10:10 sign; 09-15 10:00 ask 3; 14:00 grant 3
e2 | 09-29 16:00 decide 10-12 17:00; 16:10 agree; 10-13 10:00 done
e3 | 09-14 10:00 tax 3; 10:10 sign; 09-17 10:00 ask 3; 09-18 10:00 refuse; 09-20 10:00 done
e4 | 09-15 10:00 land 3; 10:10 sign; 09-18 15:00 ask 2; 09-20 10:00 grant 2; 09-21 10:00 done
e5 | 09-28 10:00 build 1; 10:10 sign; 09-30 10:00 ask 2; 11:00 grant 2
e6 | 09-21 10:10 land 3; 10:20 sign; 09-22 10:00 ask 2; 14:00 refuse; 09-28 10:00 done
f1 | 09-15 10:00 land 1; 10:10 sign; 10:30 return build; 14:00 reassign build; 15:30 sign
f1 | 09-16 10:00 done
f2 | 09-16 10:00 tax 1; 10:10 sign; 10:30 return land; 14:00 keep; 09-17 15:00 done
f3 | 09-16 09:30 land 1; 10:40 sign; 11:00 return tax; 09-17 10:00 reassign tax; 11:10 sign
f3 | 09-18 15:00 done
f4 | 09-17 10:00 build 1; 10:20 void; 10:40 land 1; 10:50 sign; 15:00 done
g1 | 09-14 09:30 land 1; 09:40 sign; 10:30 done; 15:00 confirm
g2 | 09-14 09:20 nameless; 09:30 tax 1; 09:40 sign; 10:30 done; 15:00 confirm
g3 | 09-14 09:30 land 1; 09:40 sign; 10:30 done; 15:00 confirm; 09-15 09:00 bad
g3 | 09-17 10:00 justified; 09-23 10:00 done; 15:00 confirm; 16:00 good
g4 | 09-14 09:30 build 1; 09:40 sign; 10:30 done; 15:00 confirm; 09-15 09:00 bad; 10:00 justified
g4 | 09-22 10:00 done; 15:00 confirm; 09-23 09:00 good
g5 | 09-28 09:30 tax 1; 09:40 sign; 14:00 escalate; 10-09 15:00 decide 10-12 09:30; 15:10 agree
g5 | 10-12 09:10 done
h1 | 09-16 10:00 build 3; 10:10 sign_only; 09-18 10:00 explain; 09-20 10:00 done
h2 | 09-30 10:00 tax 3; 10:10 sign_only; 10-09 14:00 explain; 10-10 10:00 done
i1 | 09-17 09:30 land 1; 09:40 sign; 09-18 10:00 withdraw
office | 09-24 10:10 closed
"""
PEOPLE = {
    "科": ("clerk", "clerk2"), "领": ("leader",), "长": ("chief",), "台": ("officer", "officer2"),
    "组": ("chief", "leader", "leader2", "m1", "m2", "m3"), "负责人": ("land_head",),
} | {unit: (f"{unit}_head", f"{unit}_handler") for unit in ("land", "build", "tax")}  # fmt: skip

TOLD = """
2026-09-14 周一 16:30 | b1 | dispatch_soon       | 科
2026-09-14 周一 16:30 | b2 | dispatch_soon       | 科
2026-09-14 周一 17:00 | b1 | dispatch_late       | 科 领
2026-09-15 周二 10:30 | c1 | unsigned            | land
2026-09-15 周二 14:30 | c2 | unsigned            | build    # 午休不计
2026-09-15 周二 15:00 | f1 | unsigned            | build    # 改派后重新起算
2026-09-15 周二 16:00 | d1 | yellow              | land 科
2026-09-16 周三 10:30 | f3 | unsigned            | land
2026-09-16 周三 14:00 | d2 | yellow              | build 科
2026-09-16 周三 15:00 | c5 | unsigned            | 负责人   # 保密件不发经办人
2026-09-16 周三 16:30 | b5 | dispatch_soon       | 领       # 反映督办考核科，由带班领导交办
2026-09-16 周三 16:30 | e3 | yellow              | tax 科
2026-09-16 周三 17:00 | b5 | dispatch_late       | 领
2026-09-16 周三 17:00 | d2 | red                 | build 科 领
2026-09-16 周三 17:00 | g3 | verify_late         | 科 领
2026-09-17 周四 11:00 | f3 | unsigned            | tax
2026-09-17 周四 14:00 | f2 | yellow              | tax 科   # 不同意退回，时限不停
2026-09-17 周四 16:30 | e4 | yellow              | land 科
2026-09-17 周四 17:00 | e3 | red                 | tax 科 领 # 延期待批，不催办
2026-09-17 周四 17:00 | h1 | explanation_missing | build
2026-09-18 周五 14:00 | f3 | yellow              | tax 科
2026-09-18 周五 16:30 | d3 | yellow              | tax 科   # 20日（周日）到期，前一工作日为周五
2026-09-18 周五 16:30 | e1 | reminder            | land
2026-09-18 周五 16:30 | e2 | reminder            | build
2026-09-18 周五 16:30 | g4 | reminder            | build
2026-09-18 周五 16:30 | h1 | yellow              | build 科
2026-09-18 周五 17:00 | e3 | measure_drafted     | 科
2026-09-18 周五 17:00 | e4 | red                 | land 科 领
2026-09-20 周日 09:30 | c3 | unsigned            | tax
2026-09-20 周日 11:30 | b3 | dispatch_soon       | 科
2026-09-20 周日 12:00 | b3 | dispatch_late       | 科 领
2026-09-20 周日 16:30 | e1 | yellow              | land 科
2026-09-20 周日 16:30 | e2 | yellow              | build 科
2026-09-20 周日 16:30 | e4 | yellow              | land 科  # 批准延期后重新提醒
2026-09-20 周日 16:30 | g4 | yellow              | build 科
2026-09-20 周日 17:00 | d3 | red                 | tax 科 领
2026-09-20 周日 17:00 | d3 | interview_advised   | 科 领    # 本月第2次：e3、d3
2026-09-20 周日 17:00 | g1 | evaluation_over     | 台
2026-09-21 周一 12:00 | c4 | unsigned            | tax
2026-09-21 周一 16:30 | g3 | reminder            | land
2026-09-21 周一 17:00 | d3 | measure_drafted     | 科
2026-09-21 周一 17:00 | e2 | group_review        | 组 科 build
2026-09-21 周一 17:00 | g4 | red                 | build 科 领
2026-09-21 周一 17:00 | g4 | interview_advised   | 科 领    # 本月第2次：d2、g4
2026-09-22 周二 14:00 | d4 | yellow              | build 科
2026-09-22 周二 16:30 | g3 | yellow              | land 科
2026-09-22 周二 17:00 | d4 | red                 | build 科 领
2026-09-23 周三 16:30 | d0 | yellow              | tax 科
2026-09-23 周三 16:30 | e6 | yellow              | land 科
2026-09-23 周三 17:00 | d4 | measure_drafted     | 科
2026-09-24 周四 10:10 | d0 | yellow              | tax 科   # 停办一日，顺延至28日
2026-09-24 周四 10:10 | e6 | yellow              | land 科
2026-09-28 周一 11:30 | b6 | dispatch_soon       | 科
2026-09-28 周一 14:00 | d5 | yellow              | land 科
2026-09-28 周一 14:00 | g5 | group_review        | 组 科 tax
2026-09-28 周一 17:00 | d5 | red                 | land 科 领
2026-09-29 周二 09:00 | e2 | group_waiting       | 长 科 领 # 22、23、28日之后
2026-09-29 周二 14:00 | e5 | yellow              | build 科
2026-09-29 周二 17:00 | d5 | measure_drafted     | 科
2026-09-29 周二 17:00 | e5 | red                 | build 科 领
2026-09-30 周三 11:00 | d9 | yellow              | build 科
2026-09-30 周三 12:00 | d9 | red                 | build 科 领
2026-09-30 周三 16:30 | d6 | yellow              | land 科
2026-09-30 周三 16:30 | e5 | yellow              | build 科
2026-10-09 周五 12:00 | b4 | dispatch_late       | 科 领    # 停机期间到时的，恢复后各告知一次
2026-10-09 周五 12:00 | d6 | red                 | land 科 领
2026-10-09 周五 12:00 | d7 | red                 | tax 科 领
2026-10-09 周五 12:00 | d9 | measure_drafted     | 科
2026-10-09 周五 12:00 | e5 | group_review        | 组 科 build
2026-10-09 周五 12:00 | g5 | group_waiting       | 长 科 领
2026-10-09 周五 12:00 | h2 | explanation_missing | tax
2026-10-09 周五 16:30 | e2 | reminder            | build
2026-10-09 周五 16:30 | h2 | yellow              | tax 科
2026-10-09 周五 17:00 | d6 | measure_drafted     | 科
2026-10-10 周六 09:30 | g5 | yellow              | tax 科   # 周一上午到期，前一工作日提醒
2026-10-10 周六 14:00 | d8 | yellow              | tax 科
2026-10-10 周六 16:30 | e2 | yellow              | build 科
2026-10-10 周六 17:00 | d5 | interview_advised   | 科 领    # 超期5个工作日
2026-10-10 周六 17:00 | d8 | red                 | tax 科 领
2026-10-10 周六 17:00 | d8 | interview_advised   | 科 领
2026-10-12 周一 17:00 | d8 | measure_drafted     | 科
2026-10-12 周一 17:00 | e2 | red                 | build 科 领
2026-10-13 周二 12:00 | d9 | interview_advised   | 科 领
2026-10-14 周三 09:00 | e5 | group_waiting       | 长 科 领 # 10、12、13日之后
"""
URGED = """
2026-09-16 周三 17:00 | d2
2026-09-18 周五 10:00 | e3 # 延期申请不同意之时
2026-09-20 周日 17:00 | d3
2026-09-21 周一 17:00 | g4
2026-09-22 周二 17:00 | d4
2026-09-28 周一 17:00 | d5
2026-09-29 周二 17:00 | e5
2026-09-30 周三 12:00 | d9
2026-10-09 周五 12:00 | d6
2026-10-09 周五 12:00 | d7
2026-10-10 周六 17:00 | d8
2026-10-12 周一 17:00 | e2
"""


def ticks() -> list[dt.datetime]:
    """Return half a minute past every tenth minute from 08:30 to 17:30, else past every hour."""
    found, now = [], FIRST.replace(second=30)
    while now <= LAST:
        by_day = now.day in WORKED[now.month] and dt.time(8, 30) <= now.time() < dt.time(17, 31)
        if (by_day or now.minute == 0) and not DOWN[0] <= now < DOWN[1]:
            found.append(now)
        now += dt.timedelta(minutes=10)
    return found


def that_matter(moments: list[dt.datetime]) -> list[dt.datetime]:
    """Return the ticks after which something happened, and every 20th: what comes late is seen."""
    news = {moment(row[0]) for row in rows(TOLD) + rows(URGED)} | {s[0] for s in steps(LIVES)}
    return [now for n, now in enumerate(moments) if minute(now) in news or n % 20 == 0]


@pytest.fixture
def month(session: Any, backend_name: str) -> Month:
    """Return the month after its last tick; PostgreSQL takes greater steps."""
    month = Month(make_office())
    db.session.commit()
    todo = steps(LIVES)
    for now in ticks() if backend_name == "sqlite" else that_matter(ticks()):
        while todo and todo[0][0] <= now:
            with unit_of_work():
                month.do(*todo.pop(0))
        scheduler.tick(now, [scan_deadlines.JOB])
    assert not todo
    assert len(month.cases) >= 40
    return month


def minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


def by_hand() -> list[tuple[dt.datetime, str, str, str]]:
    return sorted(
        (moment(time), case, kind, person)
        for time, case, kind, words in rows(TOLD)
        for person in sorted({one for word in words.split() for one in PEOPLE[word]})
    )


def test_the_month_is_told_as_worked_out_by_hand(month: Month) -> None:
    names = {case.id: name for name, case in month.cases.items()}
    people = {account.id: key for key, account in month.office.people.items()}
    watched = STAGES | {NoticeKind.GROUP_REVIEW}
    notices = db.session.scalars(
        select(Notice).where(Notice.kind.in_(watched), Notice.channel == SITE_CHANNEL)
    )
    found = sorted(
        (minute(n.created_at), names[n.case_id], n.kind.value, people[n.recipient_id])
        for n in notices
    )
    assert found == by_hand()
    urged = db.session.scalars(
        select(Supervision).where(Supervision.kind == SupervisionKind.URGE)
    ).all()
    assert sorted((minute(s.issued_at), names[s.case_id]) for s in urged) == sorted(
        (moment(time), case) for time, case in rows(URGED)
    )
    system = db.session.get_one(Account, month.office.system.id)
    assert {s.issued_by_id for s in urged} == {system.id}
