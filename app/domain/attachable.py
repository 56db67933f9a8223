"""Which papers of a case a scan may belong to, who may add one and which show the reporter."""

import enum
from dataclasses import dataclass

from app.domain.states import UNIT_ROLES, Role, State


class PaperKind(enum.StrEnum):
    """The paper that was signed; the values are those of the print pages."""

    LEDGER = "ledger"  # 问题台账
    SLIP = "slip"  # 事项交办单
    EXPLANATION = "explanation"  # 问题处理说明
    EXTENSION = "extension"  # 延期审批表
    RETURN = "return"  # 退回/改派审批单
    REVIEW = "review"  # 集体研究记录
    NOTICE = "notice"  # 督办通知单
    INTERVIEW = "interview"  # 约谈记录
    LETTER = "letter"  # 答复、办结告知单
    EVALUATION = "evaluation"  # 服务评价表
    CALLBACK = "callback"  # 回访记录
    BAD_REVIEW = "bad_review"  # 差评核实整改单
    REJECTION = "rejection"  # 不予受理解释登记表
    OTHER = "other"  # 其他材料


@dataclass(frozen=True)
class Adder:
    """Somebody before a case: roles, own unit, and where the case stands."""

    roles: frozenset[Role]
    unit_id: int | None
    state: State


_P = PaperKind
# A unit keeps to what is its own; minutes, ratings and calls are the office's (D-22, R39).
UNIT_PAPERS = frozenset(
    {_P.SLIP, _P.EXPLANATION, _P.EXTENSION, _P.RETURN, _P.NOTICE, _P.INTERVIEW, _P.LETTER, _P.OTHER}
)
# Name or number of the reporter stand on these; others say so when they are added (§4.2).
WITH_REPORTER = frozenset({_P.LEDGER, _P.LETTER, _P.EVALUATION, _P.REJECTION})
ADDING_OFFICE = frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR, Role.DUTY_LEADER, Role.GROUP_HEAD})
# Papers are signed late and scanned later, but a unit is done with a case that is closed.
CLOSED_TO_UNITS = frozenset(
    {State.DRAFT, State.TO_DISPATCH, State.ARCHIVED, State.WITHDRAWN, State.MERGED, State.REJECTED}
)


def may_attach(paper: PaperKind, unit_id: int | None, who: Adder) -> bool:
    """Return whether `who` may add a scan of a paper that belongs to `unit_id` (None: to none)."""
    if who.roles & ADDING_OFFICE:
        return True
    is_own = who.unit_id is not None and unit_id == who.unit_id
    is_open = who.state not in CLOSED_TO_UNITS
    return bool(who.roles & UNIT_ROLES) and paper in UNIT_PAPERS and is_own and is_open
