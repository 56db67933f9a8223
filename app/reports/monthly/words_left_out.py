"""Items as a report that is handed round may name them: without whoever reported them."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from app.actions.visibility import KEPT_FROM
from app.domain.masking import without_reporter
from app.domain.states import Category
from app.extensions import db
from app.models import Case
from app.reports.indicators import listings
from app.reports.period import Condition, Period
from app.reports.scope import Scope

KEPT_BACK = "保密事项"
CONDUCT = "作风问题反映"
NOT_FILLED_IN = "未填写"
FACTS = (Case.item_name, Case.reporter_name, Case.company_name, Case.phone, Case.involved_person,
         Case.is_confidential, Case.category, Case.complaint_about)  # fmt: skip


def counted(key: str, part: str, period: Period, scope: Scope) -> Condition:
    """Return the condition of the rows that the n or d of an indicator counted."""
    (listing,) = listings(key, part, period=period, scope=scope)
    return listing.condition


def is_kept_back(case: Any) -> bool:
    """Return whether a case is not for everybody: confidential, or kept from those it is about."""
    return case.is_confidential or case.complaint_about in KEPT_FROM


def item_of(case: Any) -> str:
    """Return the item of a case without names and numbers; what is confidential has none.

    A complaint about conduct is about a person: its item says no more than that.
    """
    if is_kept_back(case):
        return KEPT_BACK
    if case.category is Category.CONDUCT:
        return CONDUCT
    text = without_reporter(
        case.item_name, name=case.reporter_name, company=case.company_name, phone=case.phone
    )
    text = without_reporter(text, name=case.involved_person, company="", phone="")
    return text.strip() or NOT_FILLED_IN


def nameless_items(period: Period, scope: Scope) -> list[tuple[str, int]]:
    """Return the items of what was accepted and how often each came, the most frequent first."""
    rows = db.session.execute(select(*FACTS).where(counted("accept_cnt", "n", period, scope)))
    found = Counter(item_of(row) for row in rows)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
