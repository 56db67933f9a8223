"""Cases that name their reporter wherever somebody can type, led through every kind of move."""

from collections.abc import Iterator
from typing import Any

from app.actions import (
    closing,
    corrections,
    dispatch,
    evaluation,
    extensions,
    group,
    handling,
    returns,
    supervision,
)
from app.domain.states import (
    CallOutcome,
    ContactMode,
    EvalChannel,
    EvalLevel,
    LimitClass,
    SolvedLevel,
    State,
    SuperviseGround,
    SupervisionKind,
    Verdict,
)
from app.models import Case
from tests.busy import SECRET
from tests.factories import CONFIRMED, DISPATCHED, RATED, RESOLVED, VERIFIED, Office, at

OPEN, OPEN_PHONE = "欧阳寻踪", "16055554321"
HIDDEN, HIDDEN_PHONE = "司马藏锋", "16066668765"
FORMER, FORMER_PHONE = "欧阳寻宗", "16077770000"
AGAIN = at("2026-10-12 14:00")
NAMES = (OPEN, HIDDEN)
# A number as people write it, too.
NUMBERS = (OPEN_PHONE, HIDDEN_PHONE, "160 5555 4321", "160 6666 8765")
OPEN_FACTS = {"reporter_name": OPEN, "phone": OPEN_PHONE}
HIDDEN_FACTS = SECRET | {"reporter_name": HIDDEN, "phone": HIDDEN_PHONE}


def named_in(text: str) -> list[str]:
    """Return what of the planted names and numbers stands in a text."""
    return [word for word in (*NAMES, *NUMBERS, FORMER, FORMER_PHONE) if word in text]


def plant(office: Office) -> dict[str, Case]:
    """Return the cases by a short name; those of the 保密件 begin with `hidden`."""
    found = {}
    for prefix, facts in (("open", OPEN_FACTS), ("hidden", HIDDEN_FACTS)):
        name, phone = facts["reporter_name"], facts["phone"]
        said = f"{name}（{phone[:3]} {phone[3:7]} {phone[7:]}）说：三次来中心，{phone}一直没人接。"
        given = (
            facts
            | {key: said for key in ("narrative", "demand", "preliminary_view", "remark")}
            | {"item_name": f"{name}的备案{phone}", "involved_person": "郁窗口"}
        )
        found |= {f"{prefix}_{key}": case for key, case in _led(office, given, said)}
    return found


def _led(office: Office, given: dict[str, Any], said: str) -> Iterator[tuple[str, Case]]:
    yield "draft", office.draft(**given)
    yield "rejected", office.case_in(State.REJECTED, **given)
    back = office.case_in(State.TO_DISPATCH, **given)
    dispatch.return_draft(back, reason=said, by=office.clerk, now=DISPATCHED)
    yield "sent_to_desk", back
    gone = office.case_in(State.TO_DISPATCH, **given)
    closing.withdraw(gone, reason=said, proof=said, by=office.officer, now=DISPATCHED)
    yield "withdrawn", gone
    yield "handled", _handled(office, given, said)
    longer = office.case_in(State.HANDLING, limit=LimitClass.THREE_DAYS, **given)
    extensions.apply_extension(
        longer, days=3, reason=said, work_done=said, reporter_told=said, by=office.land_head,
        now=RESOLVED,
    )  # fmt: skip
    yield "extension", longer
    yield "rated", _rated(office, given, said)


def _handled(office: Office, given: dict[str, Any], said: str) -> Case:
    """Return a case that was put right, asked back, supervised and taken to the group."""
    facts = given | {
        "reporter_name": FORMER, "phone": FORMER_PHONE, 
        "item_name": f"{FORMER}的备案{FORMER_PHONE}",
        "narrative": f"{said}{FORMER}，{FORMER_PHONE}。",
    }  # fmt: skip
    case, head, clerk = office.case_in(State.TO_SIGN, **facts), office.land_head, office.clerk
    for field, value in (("reporter_name", given["reporter_name"]), ("phone", given["phone"])):
        corrections.correct(
            case, field=field, new_value=value, reason=said, by=clerk, now=DISPATCHED
        )
    office.sign(case)
    handling.contact(
        case, contacted_at=RESOLVED, mode=ContactMode.PHONE, note=said, by=head, now=RESOLVED
    )
    tax = office.units["tax"].id
    returns.request_return(case, reason=said, suggest_unit_id=tax, by=head, now=RESOLVED)
    returns.refuse_return(case, reason=said, by=clerk, now=RESOLVED)
    supervision.supervise(
        case, kind=SupervisionKind.URGE, ground=SuperviseGround.OVERDUE, requirement=said,
        by=clerk, now=RESOLVED,
    )  # fmt: skip
    group.escalate(case, by=office.leader, now=RESOLVED, reason=said)
    return case


def _rated(office: Office, given: dict[str, Any], said: str) -> Case:
    """Return a case that was sent back, called for, rated badly and is done again."""
    case = office.case_in(State.HANDLING, **given)
    office.resolve(case, handling_note=said, reply_text=said, improvement=said)
    closing.send_back(case, reason=said, by=office.leader, now=AGAIN)
    office.resolve(case, handling_note=said, reply_text=said, improvement=said, now=AGAIN)
    office.confirm(case)
    evaluation.call_back(
        case, outcome=CallOutcome.NO_ANSWER, called_at=CONFIRMED, opinion=said, follow_up=said,
        by=office.officer, now=CONFIRMED,
    )  # fmt: skip
    evaluation.evaluate(
        case, level=EvalLevel.BAD, solved=SolvedLevel.UNSOLVED, channel=EvalChannel.CALL,
        opinion=said, by=office.officer, now=RATED,
    )  # fmt: skip
    evaluation.verify(
        case, verdict=Verdict.JUSTIFIED, verify_note=said, by=office.clerk, now=VERIFIED
    )
    return case
