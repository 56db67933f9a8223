"""The one door of the case screens: a case through `visible`, with all it needs, read in one go."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Load, joinedload, selectinload
from werkzeug.exceptions import NotFound

from app.actions.visibility import visible
from app.extensions import db
from app.models import (
    Account,
    Callback,
    Case,
    CaseEvent,
    Contact,
    Correction,
    DictEntry,
    Evaluation,
    Explanation,
    Extension,
    GroupMember,
    GroupReview,
    Rejection,
    Result,
    ReturnRequest,
    Slip,
    Supervision,
)

BIGGEST_KEY = 2**63 - 1  # beyond it the drivers raise instead of finding nothing


class CaseUnseen(NotFound):
    """There is no such case, or it is not for this person: the page does not tell which."""


def seen_case(case_id: int, by: Account) -> Case:
    """Return the case if this person may see it; raises CaseUnseen."""
    return _fetch(case_id, by, ())


def whole_case(case_id: int, by: Account) -> Case:
    """Return the case with everything its page shows, in a number of statements that is fixed."""
    return _fetch(case_id, by, _RECORD)


def whole_cases(case_ids: list[int], by: Account) -> list[Case]:
    """Return those of the cases that this person may see, whole, in the order asked for."""
    query = visible(by).where(Case.id.in_(case_ids)).options(*_RECORD)
    found = db.session.execute(query.execution_options(populate_existing=True)).scalars().unique()
    return sorted(found, key=lambda case: case_ids.index(case.id))


def timeline_of(case: Case) -> list[CaseEvent]:
    """Return the case's events, the latest first, with who did it."""
    query = (
        select(CaseEvent)
        .where(CaseEvent.case_id == case.id)
        .options(joinedload(CaseEvent.by).joinedload(Account.unit))
        .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
    )
    return list(db.session.execute(query).scalars())


def joined_cases(case: Case, by: Account) -> list[Case]:
    """Return the cases that point to this one (并入, 重复反映) and that this person may see."""
    query = visible(by).where(Case.related_case_id == case.id).order_by(Case.id)
    return list(db.session.execute(query).scalars())


def rejection_of(case: Case) -> Rejection | None:
    """Return the row of 不予受理登记 that a case ended in, with its ground."""
    query = (
        select(Rejection)
        .where(Rejection.case_id == case.id)
        .options(joinedload(Rejection.ground), joinedload(Rejection.officer))
        .order_by(Rejection.id.desc())
    )
    return db.session.execute(query).scalars().first()


def _fetch(case_id: int, by: Account, options: tuple[Any, ...]) -> Case:
    if case_id > BIGGEST_KEY:
        raise CaseUnseen
    query = visible(by).where(Case.id == case_id).options(*options)
    # Fresh, because a refused move has thrown away what the session knew.
    case = db.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if case is None:
        raise CaseUnseen
    return case


def _many(name: str, *ones: InstrumentedAttribute[Any]) -> Load:
    """Return the loader of a list of the case: one statement, its own relations joined."""
    # The lists are backrefs: they stand on Case only once the mappers are configured.
    return selectinload(getattr(Case, name)).options(*(joinedload(one) for one in ones))


def _one(name: str) -> Load:
    return joinedload(getattr(Case, name))


def _record() -> tuple[Any, ...]:
    member = joinedload(GroupReview.attendees).joinedload(GroupMember.account)
    chair = joinedload(GroupReview.chair).joinedload(GroupMember.account)
    return (
        *map(_one, ("site", "registered_by", "confirmed_by", "lead_unit", "involved_unit",
                    "related_case")),
        joinedload(Case.cause).joinedload(DictEntry.parent),
        _many("slips", Slip.unit, Slip.signed_by, Slip.issued_by),
        _many("explanations", Explanation.unit, Explanation.written_by),
        _many("contacts", Contact.by),
        _many("results", Result.unit, Result.submitted_by, Result.decided_by)
        .joinedload(Result.cause).joinedload(DictEntry.parent),
        _many("extensions", Extension.unit, Extension.applied_by, Extension.decided_by),
        _many("return_requests", ReturnRequest.unit, ReturnRequest.suggest_unit,
              ReturnRequest.slip, ReturnRequest.requested_by, ReturnRequest.decided_by),
        _many("group_reviews", GroupReview.lead_unit, GroupReview.asked_by,
              GroupReview.recorded_by, GroupReview.confirmed_by).options(member, chair),
        _many("evaluations", Evaluation.entered_by, Evaluation.verified_by,
              Evaluation.approved_by, Evaluation.unit_read_by, Evaluation.leader_read_by),
        _many("callbacks", Callback.by),
        _many("supervisions", Supervision.unit, Supervision.issued_by, Supervision.feedback_by),
        _many("corrections", Correction.by),
    )  # fmt: skip


_RECORD = _record()
