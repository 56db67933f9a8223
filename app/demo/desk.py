"""The demo office's desk beside the cases: one-line consultations and 不予受理."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from sqlalchemy import select

from app.actions.intake import answer, register, reject
from app.actions.moves import lock_case
from app.actions.notices import mark_read
from app.clock import OFFICE_ZONE
from app.demo.data import moment, read_json, read_rows
from app.demo.office import Office
from app.demo.replay import Step
from app.demo.rosters import FIRST_DAY, officer_at, workdays
from app.domain.states import DictKind
from app.extensions import db
from app.models import Account, Notice

# Consultations of Monday … Sunday; the weekend's are those of make-up working days.
A_DAY = (5, 4, 4, 3, 4, 3, 3)
READING_AT = dt.time(8, 50)
ASKED_AT = (dt.time(9, 12), dt.time(10, 24), dt.time(11, 6), dt.time(13, 31), dt.time(15, 3))
TALK = dt.timedelta(minutes=5)  # how long a 不予受理 is explained before it is written down


def consultation_steps(office: Office, last: dt.date) -> Iterator[Step]:
    """Yield the consultations until `last`: every text again after the others have been asked."""
    texts = read_rows("consultations.csv")
    asked = 0
    for day in workdays(FIRST_DAY, last):
        for time in ASKED_AT[: A_DAY[day.weekday()]]:
            at = dt.datetime.combine(day, time, OFFICE_ZONE) + dt.timedelta(minutes=asked * 5 % 23)
            yield Step(at, partial(_answer, office, at, texts[asked % len(texts)]))
            asked += 1


def _answer(office: Office, at: dt.datetime, text: dict[str, str]) -> None:
    answer(
        site_id=office.site_id, question=text["question"], answer_text=text["answer"],
        by=office.account(officer_at(at)), now=at,
    )  # fmt: skip


def rejection_steps(office: Office) -> Iterator[Step]:
    """Yield the two steps of each 不予受理: the reception, and its end with ground and basis."""
    for row in read_json("rejections.json"):
        at = moment(row["at"])
        case_ids: list[int] = []
        yield Step(at - TALK, partial(_receive, office, at - TALK, row, case_ids))
        yield Step(at, partial(_reject, office, at, row, case_ids))


def _receive(office: Office, at: dt.datetime, row: dict[str, str], case_ids: list[int]) -> None:
    facts = {
        "reporter_name": row["reporter"],
        "phone": row["phone"],
        "item_name": row["item"],
        "narrative": row["narrative"],
    }
    by = office.account(officer_at(at))
    case_ids.append(register(site_id=office.site_id, facts=facts, by=by, now=at).id)


def _reject(office: Office, at: dt.datetime, row: dict[str, str], case_ids: list[int]) -> None:
    reject(
        lock_case(case_ids[0]), ground=office.entry(DictKind.GROUND, row["ground"]).id,
        legal_basis=row["basis"], explain_text=row["explanation"],
        referred_to=row["referred_to"], is_understood=bool(row["is_understood"]),
        by=office.account(officer_at(at)), now=at,
    )  # fmt: skip


def reading_steps(last: dt.date) -> Iterator[Step]:
    """Yield the mornings on which everybody reads what was told to him the day before."""
    for day in workdays(FIRST_DAY, last):
        at = dt.datetime.combine(day, READING_AT, OFFICE_ZONE)
        yield Step(at, partial(_read_notices, at))


def _read_notices(at: dt.datetime) -> None:
    unread = select(Notice.recipient_id).where(Notice.read_at.is_(None))
    for person in db.session.scalars(select(Account).where(Account.id.in_(unread))).all():
        mark_read(by=person, now=at)
