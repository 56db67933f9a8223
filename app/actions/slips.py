"""Issuing and voiding 事项交办单: one numbered slip a unit, numbers drawn in the move itself."""

import datetime as dt

from app.actions.facts import live_slips
from app.actions.moves import Move
from app.actions.notices import tell, unit_people
from app.actions.numbers import draw_number
from app.domain.deadlines import Due, co_due_at
from app.domain.due_words import full_time
from app.domain.notice_kinds import NoticeKind
from app.domain.refusals import Code, Refusal
from app.domain.states import LimitClass, NumberKind, SlipKind
from app.extensions import db
from app.models import Case, Slip, Unit


def active_unit(unit_id: int, *, site_id: int, field: str) -> Unit:
    """Return a unit of the site that may be handed something, or refuse."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit.site_id != site_id or not unit.is_active:
        raise Refusal(Code.FIELD_INVALID, field=field)
    return unit


def issue_slip(
    move: Move,
    *,
    unit: Unit,
    kind: SlipKind,
    content: str,
    due: dt.datetime,
    issued_by_id: int | None = None,
) -> Slip:
    """Write one slip with the next NO of the site and year (D-32) and tell the unit.

    `issued_by_id` is the section's clerk where somebody else's word lets the slip out (T19).
    """
    case = move.case
    if any(s.unit_id == unit.id for s in live_slips(case)):
        raise Refusal(Code.UNIT_TWICE, unit=unit.name)
    if case.limit_class is None:
        raise Refusal(Code.FIELDS_MISSING, fields=["limit_class"])
    number = draw_number(site_id=case.site_id, series=NumberKind.SLIP, period=str(move.now.year))
    slip = Slip(
        site_id=case.site_id,
        year_no=move.now.year,
        slip_no=number,
        case=case,
        unit_id=unit.id,
        slip_kind=kind,
        subject=case.item_name,
        content=content.strip(),
        limit_class=case.limit_class,
        due_at=due,
        issued_at=move.now,
        issued_by_id=issued_by_id or move.by.id,
    )
    db.session.add(slip)
    db.session.flush()
    _tell_unit(move, slip)
    return slip


def _tell_unit(move: Move, slip: Slip) -> None:
    # §5.6: to the unit, without personal data.
    text = (
        f"您单位有1件“办不成事”反映事项待签收，交办单NO {slip.no}，"
        f"应于{full_time(slip.due_at)}前办结，请及时办理。"
    )
    people = unit_people(move.case, slip.unit_id)
    tell(people, text=text, kind=NoticeKind.TO_SIGN, now=move.now, case=move.case)


def issue_co_slips(
    move: Move, *, units: list[Unit], content: str, due: Due | None = None
) -> list[Slip]:
    """Write the 协办 slips in the units' official order (D-13)."""
    case = move.case
    if case.due_at is None:
        raise Refusal(Code.NOT_FOUND)
    limit = co_due_at(move.calendar, due.at if due else case.due_at, move.now, move.rules)
    ranked = sorted(units, key=lambda u: (u.sort_order, u.id))
    return [
        issue_slip(move, unit=unit, kind=SlipKind.CO, content=content, due=limit) for unit in ranked
    ]


def void_slip(slip: Slip, *, reason: str, now: dt.datetime) -> None:
    """Mark a slip 作废; its number stays listed and is never used again."""
    slip.is_void, slip.void_reason, slip.voided_at = True, reason[:200], now


def void_co_slip(case: Case, unit_id: int, *, now: dt.datetime) -> None:
    """Void the 协办 slip of a unit that becomes the 主办: one live slip a unit (D-13)."""
    for slip in live_slips(case):
        if slip.unit_id == unit_id and slip.slip_kind is SlipKind.CO:
            void_slip(slip, reason="改为主办", now=now)


def slip_names(case: Case) -> str:
    """Return the live slips as the timeline names them: NO 0131 工程建设科（主办）、…."""
    words = {SlipKind.LEAD: "主办", SlipKind.CO: "协办"}
    parts = [f"NO {s.no} {s.unit.name}（{words[s.slip_kind]}）" for s in live_slips(case)]
    return "、".join(parts)


def class_of(text: str | LimitClass) -> LimitClass:
    """Return the limit class of a form value, or refuse."""
    try:
        return LimitClass(text)
    except ValueError:
        raise Refusal(Code.FIELD_INVALID, field="limit_class") from None
