"""What is put right or marked afterwards: 更正, 典型案例 (D-36, R51)."""

import datetime as dt

from app.actions.intake import intake_values
from app.actions.moves import close_move, open_move, unnamed
from app.domain.intake import MIN_NARRATIVE, is_phone, required_fields
from app.domain.refusals import Code, Refusal
from app.domain.states import Action
from app.extensions import db
from app.models import Account, Case, Correction

# field → the word of the form; times, numbers and results are not put right by hand.
CORRECTABLE: dict[str, str] = {
    "reporter_name": "反映人",
    "company_name": "企业（单位）名称",
    "phone": "联系电话",
    "item_name": "受理事项",
    "narrative": "“办不成事”事项情况",
    "demand": "反映人诉求",
    "apply_no": "办件编号",
    "remark": "备注",
}
# How the timeline says it; 量化考核 dates a typical case by these words.
MARKED, TYPICAL = "列为", "典型案例"


def correct(
    case: Case, *, field: str, new_value: str, reason: str, by: Account, now: dt.datetime
) -> Correction:
    """Put one fact right; the old value stays in 更正记录 (D-36)."""
    values = {"field": field, "reason": reason}
    move = open_move(case, Action.CORRECT, by=by, now=now, values=values)
    if field not in CORRECTABLE:
        raise Refusal(Code.FIELD_INVALID, field="field")
    if case.masked_at is not None and field in ("reporter_name", "phone"):
        raise Refusal(Code.DATA_MASKED)
    new, old = new_value.strip(), getattr(case, field)
    if not new and field in required_fields(intake_values(case)):
        raise Refusal(Code.FIELDS_MISSING, fields=["new_value"])
    if field == "narrative" and len(new) < MIN_NARRATIVE:
        raise Refusal(Code.TEXT_TOO_SHORT, field="new_value", least=MIN_NARRATIVE)
    if case.is_anonymous and field in ("reporter_name", "company_name", "phone"):
        raise Refusal(Code.FIELD_INVALID, field="field")
    if field == "phone":
        new = new.replace("-", "").replace(" ", "")
        if not is_phone(new):
            raise Refusal(Code.FIELD_INVALID, field="new_value")
    longest = getattr(Case.__table__.c[field].type, "length", None)
    if longest is not None and len(new) > longest:
        raise Refusal(Code.FIELD_INVALID, field="new_value")
    told = unnamed(case, reason)
    setattr(case, field, new)
    if field in ("reporter_name", "phone") and old and len(old) > 1:
        # Lists and messages hide in the item's name who reported, by the name he has now.
        room = Case.__table__.c.item_name.type.length
        case.item_name = (case.item_name or "").replace(old, new)[:room]
    row = Correction(
        case=case, field=field, reason=reason.strip(), corrected_at=now, by_id=by.id,
        **_both(field, old or "", new),
    )  # fmt: skip
    db.session.add(row)
    # The values may name the reporter, so the timeline says only which field it was.
    close_move(move, f"更正“{CORRECTABLE[field]}”", reason=told)
    return row


def _both(field: str, old: str, new: str) -> dict[str, str]:
    """Return the values by column: a telephone number is encrypted."""
    if field == "phone":
        return {"old_value": "", "new_value": "", "old_phone": old, "new_phone": new}
    return {"old_value": old, "new_value": new}


def mark_typical(
    case: Case, *, is_typical: bool, is_common_issue: bool, by: Account, now: dt.datetime
) -> None:
    """Mark a closed case as 典型案例 or 共性问题, or take the mark back (R44, R51)."""
    move = open_move(case, Action.MARK_TYPICAL, by=by, now=now)
    case.is_typical, case.is_common_issue = is_typical, is_common_issue
    marks = [w for on, w in ((is_typical, TYPICAL), (is_common_issue, "共性问题")) if on]
    close_move(move, f"{MARKED}{'、'.join(marks)}" if marks else "取消典型案例、共性问题标记")
