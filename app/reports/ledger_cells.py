"""What stands in the columns A–V of the yearly 问题台账 (domain/3 §3.2), for whoever reads it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from app.actions.people import roles_of
from app.actions.visibility import REVEALING, knows_reporter
from app.domain.masking import ANONYMOUS, masked_name, masked_phone, unnamed, written_reporter
from app.domain.message_text import public_item
from app.domain.states import (
    UNIT_ROLES,
    EvalLevel,
    LimitClass,
    ResultStatus,
    Role,
    SlipKind,
    State,
)
from app.domain.words import word
from app.models import Account
from app.reports.ledger_rows import LedgerRow, Undone

CONFIDENTIAL, ABRIDGED = "（保密）", "（略）"
LIMITS = {LimitClass.IMMEDIATE: "立即"}
DEAD = {State.WITHDRAWN, State.MERGED}


@dataclass(frozen=True)
class Reader:
    """Whose eyes: names and phones in full only where asked for and allowed.

    `withheld` stands for the words of the person and of the unit where they are not for these
    eyes; `is_outside` where the file is read anywhere, and firms are masked too.
    """

    roles: frozenset[Role] = frozenset()
    is_full: bool = False
    withheld: str = ""
    is_outside: bool = False

    def knows(self, case: Row[Any]) -> bool:
        """Return whether who reported may be told at all."""
        return knows_reporter(self.roles, is_confidential=case.is_confidential)

    def may_reveal(self, case: Row[Any]) -> bool:
        """Return whether the phone may be read in full: by the workflow's own line (R61)."""
        roles = self.roles - UNIT_ROLES if case.is_confidential else self.roles
        return bool(REVEALING[case.state] & roles)


def reader_of(by: Account, *, is_full: bool) -> Reader:
    """Return a person as a reader; who only counts cases reads nobody's words."""
    roles = roles_of(by)
    return Reader(roles, is_full, ABRIDGED if roles <= {Role.COUNTY_VIEWER} else "")


@dataclass(frozen=True)
class Entry:
    """A row of the ledger as one reader sees it."""

    row: LedgerRow
    reader: Reader
    many_sites: bool = False
    undone: Undone = field(default_factory=dict)

    def reporter(self) -> str:
        """Return E."""
        case = self.row.case
        if case.is_anonymous:
            return ANONYMOUS
        if case.is_confidential and not self.reader.knows(case):
            return CONFIDENTIAL
        if self.reader.is_full and self.reader.knows(case):
            return written_reporter(case.reporter_name, case.company_name, is_anonymous=False)
        if case.company_name and not self.reader.is_outside:
            return case.company_name
        return masked_name(case.company_name or case.reporter_name)

    def phone(self) -> str:
        """Return F."""
        case = self.row.case
        if case.is_confidential and not self.reader.knows(case):
            return ""
        is_full = self.reader.is_full and self.reader.may_reveal(case)
        return case.phone if is_full else masked_phone(case.phone)

    def item(self) -> str:
        """Return H: a name or a number in it is masked where names are."""
        case = self.row.case
        if self.reader.is_full:
            return case.item_name
        former = (row.old_value for row in self.row.former)
        return public_item(case.item_name, (case.reporter_name, case.involved_person, *former))

    def narrative(self) -> str:
        """Return I."""
        return self.reader.withheld or self.told(self.row.case.narrative)

    def told(self, text: str) -> str:
        """Return what somebody typed; who reported is named in a full file alone."""
        case, former = self.row.case, self.row.former
        if self.reader.is_full and self.reader.knows(case):
            return text
        return unnamed(
            text,
            names=(case.reporter_name, *(row.old_value for row in former)),
            phones=(case.phone, *(row.old_phone for row in former)),
        )

    def live_slips(self) -> list[Row[Any]]:
        """Return the slips in force, 主办 first (R59)."""
        found = [slip for slip in self.row.slips if not slip.is_void]
        return sorted(found, key=lambda slip: slip.slip_kind is not SlipKind.LEAD)

    def units(self) -> str:
        """Return J; 当场办结 has a unit and no slip."""
        names = dict.fromkeys(slip.unit for slip in self.live_slips())
        return "、".join(names) or ("" if self.row.slips else self.row.case.lead_unit or "")

    def slip_numbers(self) -> str:
        """Return K: every slip, 主办 first; a void one keeps its number and says so."""
        void = [f"{slip.slip_no:04d}（作废）" for slip in self.row.slips if slip.is_void]
        return "、".join([*(f"{slip.slip_no:04d}" for slip in self.live_slips()), *void])

    def limit(self) -> str:
        """Return M: 立即, 1个工作日, 3个工作日."""
        limit = self.row.case.limit_class
        if limit is None or not self._is_handed_over():
            return ""
        return LIMITS.get(limit) or word(limit)

    def due_at(self) -> dt.datetime | None:
        """Return N."""
        case = self.row.case
        due = self.undone[case.id][1] if case.id in self.undone else case.due_at
        return due if self._is_handed_over() else None

    def extension_days(self) -> int:
        """Return O."""
        case = self.row.case
        return case.ext_total - (self.undone[case.id][0] if case.id in self.undone else 0)

    def in_time(self) -> str:
        """Return Q by the first finish (domain/2.3); blank while nobody can say."""
        case = self.row.case
        due, finished = case.first_due_at, case.first_finished_at
        if case.round_no == 1 and finished is None and case.state is State.TO_CONFIRM:
            finished = case.finished_at
        if due is None or finished is None:
            return ""
        return "否" if case.is_extended_late or finished > due else "是"

    def result(self) -> str:
        """Return R: how it ended, what was done, what was answered, as annex 3 has it."""
        kept = [r for r in self.row.results if r.status is not ResultStatus.SENT_BACK]
        if not kept:
            return ""
        last = kept[-1]
        if self.reader.withheld:
            return word(last.result_type)
        told = self.told(f"{last.handling_note}\n答复：{last.reply_text}")
        return f"{word(last.result_type)}：{told}"

    def achieved(self) -> str:
        """Return S."""
        case = self.row.case
        if case.is_achieved is None or case.finished_at is None:
            return ""
        return "是" if case.is_achieved else "否"

    def rating(self) -> str:
        """Return T: whether content, and the level given."""
        case = self.row.case
        if case.eval_level is not None and case.evaluated_at is not None:
            content = "否" if EvalLevel(case.eval_level).is_bad else "是"
            return f"{content}（{word(case.eval_level)}）"
        return "未评价" if case.state is State.ARCHIVED and case.eval_level is None else ""

    def leader(self) -> str:
        """Return U: who signed it off; of a paper ledger, whoever is written there."""
        case = self.row.case
        return case.paper_leader or (case.leader or "" if case.confirmed_at else "")

    def officer(self) -> str:
        """Return D."""
        return self.row.case.paper_officer or self.row.case.duty_officer

    def remark(self) -> str:
        """Return V: the desk's own remark and what became of it beside the result (R66)."""
        case, days = self.row.case, self.extension_days()
        own = "" if self.reader.withheld else self.told(case.remark)
        parts = (
            (self.many_sites, case.site),
            (True, own),
            (case.is_backfilled, "补登"),
            (case.is_ledger_void, "编号已作废"),
            (case.state in DEAD, word(case.state)),
            (days > 0 and "延期" not in own, f"延期{days}个工作日"),
            (case.escalated_at is not None, "提交领导小组研究"),
            (case.round_no > 1, f"重办（第{case.round_no}轮）"),
            (case.is_due_provisional, "应办结时间暂算"),
        )
        return "；".join(text for holds, text in parts if holds and text)

    def _is_handed_over(self) -> bool:
        """Return whether its limit ever ran; 当场办结 has no hand-over but a finish."""
        return bool(self.row.case.dispatched_at or self.row.case.finished_at)


@dataclass(frozen=True)
class Column:
    """One column: its head, width in characters, how it is shown, what stands in it."""

    head: str
    width: int
    look: str
    value: Callable[[Entry], Any]


# A is the running number, which no entry knows.
COLUMNS: tuple[Column, ...] = (
    Column("台账编号", 11, "digits", lambda entry: entry.row.case.ledger_no),
    Column("登记日期", 11, "date", lambda entry: entry.row.case.registered_at),
    Column("值班人员", 9, "text", Entry.officer),
    Column("反映人", 10, "text", Entry.reporter),
    Column("联系电话", 14, "digits", Entry.phone),
    Column("受理类别", 12, "text", lambda entry: word(entry.row.case.category)
           if entry.row.case.category else ""),
    Column("受理事项", 18, "text", Entry.item),
    Column("“办不成事”事项情况", 40, "wrap", Entry.narrative),
    Column("接办窗口（科室）", 16, "text", Entry.units),
    Column("交办单号", 10, "digits", Entry.slip_numbers),
    Column("交办时间", 16, "time", lambda entry: entry.row.case.dispatched_at),
    Column("办理时限", 12, "text", Entry.limit),
    Column("应办结时间", 16, "time", Entry.due_at),
    Column("延期（工作日）", 8, "number", Entry.extension_days),
    Column("办结时间", 16, "time", lambda entry: entry.row.case.finished_at),
    Column("是否按时", 8, "text", Entry.in_time),
    Column("办理结果", 40, "wrap", Entry.result),
    Column("是否办成", 8, "text", Entry.achieved),
    Column("是否满意（评价等级）", 12, "text", Entry.rating),
    Column("带班领导", 9, "text", Entry.leader),
    Column("备注", 20, "wrap", Entry.remark),
)  # fmt: skip


def cells(entry: Entry) -> Sequence[Any]:
    """Return what stands in B–V: text, whole numbers, times of the office, or nothing."""
    return [column.value(entry) for column in COLUMNS]
