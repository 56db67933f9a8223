"""The one search box: ledger number, slip number, name, phone or its tail, words of the case."""

import re
import unicodedata
from typing import Any

from sqlalchemy import SQLColumnExpression, and_, exists, false, func, literal, or_, select, true
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.sql.elements import ColumnElement

from app.actions.people import roles_of
from app.domain.intake import phone_digits, words_with_numbers
from app.domain.states import UNIT_ROLES, Role
from app.extensions import db
from app.models import Account, Case, Slip
from app.models.phone import TAIL, WithPhone, phone_marks, tail_marks

Condition = ColumnElement[bool]
LEDGER = re.compile(r"\d{4}-\d{1,6}")
SLIP = re.compile(r"NO\.?(\d{1,6})", re.I)
PHONE = re.compile(r"(\+86|0086)?[\d-]{7,}")
MOST_ENDS = 500  # a hundred thousand numbers have some ten of each end
BIGGEST_NO = 999_999


def cases_like(text: str, *, by: Account) -> Condition:
    """Return the condition of cases in which every word of `text` is found.

    A word is looked for only where the person may read it: a hit would tell the name.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\bno\.?\s+(?=\d)", "NO", plain, flags=re.I)
    return and_(true(), *(_word(word, by) for word in words_with_numbers(plain)))


def _word(word: str, by: Account) -> Condition:
    slip = SLIP.fullmatch(word)
    if slip:
        return _slip(slip[1])
    if LEDGER.fullmatch(word):
        return Case.ledger_no.startswith(word)
    if word.isascii() and word.isdigit():
        return or_(_slip(word), _ledger_tail(word), _phone(word, by), Case.apply_no == word)
    if PHONE.fullmatch(word):
        return or_(_phone(word, by), Case.apply_no == word)
    return _text(word, by)


def _slip(digits: str) -> Condition:
    number = int(digits)
    if number > BIGGEST_NO:
        return false()
    return exists().where(Slip.case_id == Case.id, Slip.slip_no == number)


def _ledger_tail(digits: str) -> Condition:
    """Return whether the number after the year is this one, written with or without its zeros."""
    if len(digits) > TAIL + 2:
        return false()
    return Case.ledger_no.endswith(f"-{digits.zfill(TAIL)}")


def _phone(digits: str, by: Account) -> Condition:
    """Return whether the phone is or ends in these digits; fewer than four name nobody."""
    return and_(phone_like(Case, digits), _may_know_reporter(by))


def phone_like(model: type[WithPhone], text: str) -> Condition:
    """Return whether the record's phone is this one or ends in these digits, four at least.

    What is encrypted cannot be compared by the database: where more than the last four are
    given, but not all, the few numbers of this end are read.
    """
    digits = phone_digits(text)
    if len(digits) < TAIL:
        return false()
    ends = model.phone_tail_mark.in_(tail_marks(digits))
    if len(digits) == TAIL:
        return ends
    table = sa_inspect(model).local_table
    rows = db.session.execute(select(table.c.id, table.c.phone).where(ends).limit(MOST_ENDS))
    found = [key for key, phone in rows if phone_digits(phone).endswith(digits)]
    return or_(table.c.id.in_(found), model.phone_mark.in_(phone_marks(digits)))


def _text(word: str, by: Account) -> Condition:
    def holds(column: SQLColumnExpression[Any]) -> Condition:
        return func.lower(column).contains(word.lower(), autoescape=True)

    name = or_(holds(Case.reporter_name), holds(Case.company_name))
    facts = or_(holds(Case.item_name), holds(Case.apply_no))
    if roles_of(by) <= {Role.COUNTY_VIEWER}:
        return or_(facts, holds(Case.ledger_no))
    told = or_(facts, holds(Case.narrative), holds(Case.demand))
    may_know = _may_know_reporter(by)
    told &= or_(may_know, ~_names_reporter(word, name))
    return or_(told, holds(Case.ledger_no), name & may_know)


def _names_reporter(word: str, name: Condition) -> Condition:
    """Return whether a word is of the reporter's name or number, or has it in it: whoever may not
    know him would learn from a hit in what was typed that he guessed right.
    """
    if len(phone_digits(word)) >= TAIL:
        return true()
    columns = (Case.reporter_name, Case.company_name)
    return or_(name, *((each != "") & literal(word).contains(each) for each in columns))


def _may_know_reporter(by: Account) -> Condition:
    """Return where a hit on name or phone tells nothing that is kept from the person (D-22)."""
    roles = roles_of(by)
    if roles <= {Role.COUNTY_VIEWER}:
        return false()
    if roles <= UNIT_ROLES:
        return Case.is_confidential.is_(False)
    return true()
