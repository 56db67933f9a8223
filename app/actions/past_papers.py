"""The records of one matter that was handled on paper, with the times and names written there."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder import Model

from app.domain.import_table import Line
from app.domain.import_values import When
from app.domain.states import (
    ContactMode,
    DueBasis,
    EvalChannel,
    RequestStatus,
    ResultStatus,
    ResultType,
    SlipKind,
    SolvedLevel,
    State,
)
from app.domain.words import word
from app.models import Account, Case, CaseEvent, Evaluation, Extension, Result, Slip, Unit

LABEL = "补登"
ON_PAPER = "见纸质台账"
ANONYMOUS = ("匿名", "（匿名）", "(匿名)")
TIMES = ("issued", "due", "finished")


@dataclass(frozen=True)
class Paper:
    """A row of a paper ledger, checked: its values, units, slips and original due time."""

    values: Mapping[str, Any]
    units: Sequence[Unit]
    slips: Sequence[tuple[int, int]]
    original_due: dt.datetime | None
    line: Line

    def at(self, key: str) -> dt.datetime | None:
        """Return one of its times."""
        moment: When | None = self.values.get(key)
        return moment.at if moment else None

    @property
    def registered(self) -> dt.datetime:
        """Return when it was registered: the day at least is known."""
        moment: When = self.values["registered"]
        return moment.at

    @property
    def ended(self) -> dt.datetime:
        """Return when it was finished, as far as the paper tells."""
        return self.at("finished") or self.at("issued") or self.registered

    @property
    def is_exact(self) -> bool:
        """Return whether every time that timeliness is judged by has its time of day."""
        return all(self.values.get(key) and self.values[key].is_exact for key in TIMES)

    @property
    def result_type(self) -> ResultType:
        """Return 已解决 for what was 办成, else 妥善答复."""
        return ResultType.SOLVED if self.values["achieved"] else ResultType.ANSWERED


def records_of(
    paper: Paper,
    *,
    site_id: int,
    officer_id: int,
    by: Account,
    now: dt.datetime,
    run_id: int | None,
) -> list[Model]:
    """Return the case with everything that hangs on it, to be added as a whole."""
    case = _case(paper, site_id, officer_id)
    case.import_run_id = run_id
    rows: list[Model] = [case, *_slips(paper, case, by)]
    if "achieved" in paper.values:
        rows.append(_result(paper, case, by))
    if paper.values.get("level") is not None:
        rows.append(_evaluation(paper, case, by))
    if paper.values.get("extended") and paper.units:
        rows.append(_extension(paper, case, by))
    events = _events(paper, case, by, now)
    case.event_count = len(events)
    return [*rows, *events]


def _case(paper: Paper, site_id: int, officer_id: int) -> Case:
    values = paper.values
    is_anonymous = values["reporter"] in ANONYMOUS
    phone = "" if is_anonymous else values.get("phone", "")
    return Case(
        site_id=site_id, state=State.ARCHIVED, ledger_no=values["ledger_no"],
        is_backfilled=True, has_true_times=paper.is_exact,
        reporter_name="" if is_anonymous else values["reporter"], is_anonymous=is_anonymous,
        phone=phone, category=values["category"],
        item_name=values["item"], narrative=values["narrative"], remark=values.get("remark", ""),
        registered_at=paper.registered, registered_by_id=officer_id,
        paper_officer=values.get("officer", ""), paper_leader=values.get("leader", ""),
        submitted_at=paper.registered, archived_at=paper.ended,
        **_handing_over(paper), **_finish(paper),
    )  # fmt: skip


def _handing_over(paper: Paper) -> dict[str, Any]:
    issued, extended = paper.at("issued"), paper.values.get("extended") or 0
    return {
        "first_dispatched_at": issued, "dispatched_at": issued, "due_from_at": issued,
        "lead_unit_id": paper.units[0].id if paper.units else None,
        "limit_class": paper.values.get("limit"), "ext_total": extended,
        "due_at": paper.at("due"), "first_due_at": paper.at("due"),
        "original_due_at": paper.original_due, "due_reason": ON_PAPER,
        "due_basis": DueBasis.EXTENSION if extended else DueBasis.LIMIT,
    }  # fmt: skip


def _finish(paper: Paper) -> dict[str, Any]:
    values, finished = paper.values, paper.at("finished")
    # Said to be late though in time: the extension was asked for too late (D-11).
    asked_late = values.get("on_time") is False and bool(values.get("extended"))
    return {
        "finished_at": finished, "first_finished_at": finished, "confirmed_at": finished,
        "is_achieved": values.get("achieved"), "eval_level": values.get("level"),
        "result_type": paper.result_type if "achieved" in values else None,
        "is_extended_late": asked_late,
    }  # fmt: skip


def _slips(paper: Paper, case: Case, by: Account) -> list[Slip]:
    issued = paper.at("issued") or paper.registered
    return [
        Slip(
            case=case, site_id=case.site_id, year_no=year, slip_no=number, unit_id=unit.id,
            slip_kind=SlipKind.CO if place else SlipKind.LEAD, subject=case.item_name,
            content=ON_PAPER, limit_class=paper.values["limit"], issued_at=issued,
            due_at=paper.at("due") or issued, issued_by_id=by.id, remark=LABEL,
        )
        for place, ((year, number), unit) in enumerate(zip(paper.slips, paper.units, strict=False))
    ]  # fmt: skip


def _result(paper: Paper, case: Case, by: Account) -> Result:
    words = paper.values.get("result", "")
    return Result(
        case=case, unit_id=paper.units[0].id, result_type=paper.result_type,
        is_achieved=paper.values["achieved"], handling_note=words, reply_text=words,
        reply_mode=ContactMode.WRITTEN, replied_at=paper.ended, unit_person=ON_PAPER,
        submitted_at=paper.ended, submitted_by_id=by.id, status=ResultStatus.CONFIRMED,
        decided_at=paper.ended,
    )  # fmt: skip


def _evaluation(paper: Paper, case: Case, by: Account) -> Evaluation:
    solved = SolvedLevel.SOLVED if paper.values.get("achieved") else SolvedLevel.UNSOLVED
    # Read long ago on paper: nobody has to take notice of it again.
    return Evaluation(
        case=case, eval_level=paper.values["level"], solved_level=solved,
        channel=EvalChannel.PAPER, evaluated_at=paper.ended, entered_by_id=by.id,
        unit_read_at=paper.ended, leader_read_at=paper.ended,
    )  # fmt: skip


def _extension(paper: Paper, case: Case, by: Account) -> Extension:
    days, due = paper.values["extended"], paper.at("due") or paper.ended
    asked = paper.at("issued") or paper.registered
    return Extension(
        case=case, unit_id=paper.units[0].id, days_asked=days, days_granted=days,
        reason=ON_PAPER, work_done=ON_PAPER, former_due_at=paper.original_due or due,
        asked_due_at=due, new_due_at=due, applied_at=asked, applied_by_id=by.id,
        status=RequestStatus.AGREED, decided_at=asked, is_late=case.is_extended_late,
    )  # fmt: skip


def _events(paper: Paper, case: Case, by: Account, now: dt.datetime) -> list[CaseEvent]:
    """Return the timeline: what the paper tells at its own times, and who wrote it down now."""
    issued, finished = paper.at("issued"), paper.at("finished")
    units = "、".join(unit.name for unit in paper.units)
    steps: list[tuple[dt.datetime, State, str]] = [
        (paper.registered, State.TO_DISPATCH, f"纸质台账登记，台账编号{case.ledger_no}"),
    ]
    if issued:
        numbers = "、".join(f"{number:04d}" for _year, number in paper.slips)
        slips = f"，交办单NO {numbers}" if numbers else ""
        steps.append((issued, State.HANDLING, f"交办{units}{slips}"))
    if finished:
        result = word(paper.result_type) if "achieved" in paper.values else ""
        steps.append((finished, State.ARCHIVED, f"办结：{result}"))
    source = {"sheet": paper.line.sheet, "row": paper.line.number,
              "on_time": paper.values.get("on_time")}  # fmt: skip
    given = "" if paper.is_exact else "，未载明办理时间，不计入时限类指标"
    steps.append((now, State.ARCHIVED, f"由纸质台账补登{given}"))
    events = []
    old: State | None = None
    for at, state, summary in steps:
        facts = json.dumps(source, ensure_ascii=False) if at is now else "{}"
        events.append(
            CaseEvent(
                case=case, action=None, label=LABEL, old_state=old, new_state=state, at=at,
                by_id=by.id, summary=summary, facts=facts,
            )
        )  # fmt: skip
        old = state
    return events
