"""Telephone numbers at rest: encrypted, still found, and never written by a strange key."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import String, func, select, text, type_coerce, update

from app.actions import corrections, intake, sealing
from app.extensions import db
from app.keys import EXTENSION, KeySource
from app.models import Case, DataKey, Rejection
from app.models.keyring import Key, KeyProblem, ring, seal, unseal
from app.models.phone import phone_marks, tail_marks
from app.unit_of_work import unit_of_work
from tests.databases import DATA_KEY
from tests.factories import NAME, PHONE, REGISTERED, SUBMITTED, Office, make_office

OTHER = "another key of these tests which is no secret 0123456789"


@pytest.fixture
def office(session: object) -> Office:
    with unit_of_work():
        return make_office()


@pytest.fixture
def keys(app: Flask) -> Iterator[KeySource]:
    """Return the application's own source, put back afterwards."""
    own = app.extensions[EXTENSION]
    yield own
    app.extensions[EXTENSION] = own


def use(app: Flask, *secrets: str) -> None:
    """Let the application hold these keys."""
    settings = replace(app.config["SETTINGS"], data_key=",".join(secrets))
    app.extensions[EXTENSION] = KeySource(settings)


def stored(model: type = Case, name: str = "phone") -> str:
    return db.session.execute(select(type_coerce(model.__table__.c[name], String))).scalars().one()


def test_what_stands_in_the_database_is_not_the_number(office: Office) -> None:
    case = office.draft()
    db.session.expire(case)
    assert case.phone == PHONE
    assert stored().startswith(f"e1.{ring().active.id}.")
    first = stored()
    case.phone = ""
    db.session.flush()
    assert (stored(), case.phone_mark, case.phone_tail_mark) == ("", "", "")
    case.phone = PHONE
    db.session.flush()
    assert stored() != first  # a nonce of its own every time


@pytest.mark.parametrize(
    "text",
    [
        PHONE,
        "160-0000-0006",
        "160 0000 0006",
        "１６００００００００６",
        f"+86 {PHONE}",
        f"0086{PHONE}",
    ],
)
def test_a_number_has_one_mark_however_it_is_written(office: Office, text: str) -> None:
    case = office.submit(office.draft())
    assert case.phone_mark in phone_marks(text)
    assert case.phone_tail_mark in tail_marks(text)
    found = intake.same_phone_cases(phone=text, site_id=office.site.id, now=SUBMITTED)
    assert found == [case]


def test_marks_tell_nothing_without_the_key_and_a_masked_number_has_none() -> None:
    one, other = Key.of(DATA_KEY), Key.of(OTHER)
    assert one.mark("phone", PHONE)[8:] != other.mark("phone", PHONE)[8:]
    assert one.mark("phone", "0006") != one.mark("tail", "0006")
    assert phone_marks("160****0006") == tail_marks("006") == []


def test_a_changed_or_strange_text_is_not_read(app: Flask, session: object) -> None:
    sealed = seal(PHONE)
    assert unseal(sealed) == PHONE
    body = sealed[:-3] + ("AAA" if sealed[-3:] != "AAA" else "BBB")
    for bad in (body, PHONE, sealed.replace(ring().active.id, "00000000"), sealed[:30]):
        with pytest.raises(KeyProblem):
            unseal(bad)


def test_a_sealed_column_is_not_compared_by_mistake(office: Office) -> None:
    office.draft()
    assert db.session.scalar(select(func.count()).where(Case.phone != "")) == 1
    for wrong in (lambda: Case.phone == PHONE, lambda: Case.phone.endswith("0006"),
                  lambda: Case.phone.in_([PHONE])):  # fmt: skip
        with pytest.raises(TypeError, match="mark"):
            wrong()


def test_corrections_and_the_desk_hold_no_plain_number(office: Office) -> None:
    case = office.submit(office.draft())
    row = corrections.correct(
        case, field="phone", new_value="16000000077", reason="记错", by=office.clerk, now=SUBMITTED
    )
    refused = office.draft()
    intake.reject(
        refused, ground=office.ground.id, legal_basis="依据", explain_text="解释",
        referred_to="去向", by=office.officer, now=REGISTERED,
    )  # fmt: skip
    db.session.flush()
    db.session.expire_all()
    assert (row.old_phone, row.new_phone) == (PHONE, "16000000077")
    assert stored(Rejection).startswith("e1.")
    for table in ("corrections", "receptions", "rejections", "cases", "case_events"):
        rows = db.session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
        assert rows
        assert not [r for r in rows if PHONE in str(r) or "16000000077" in str(r)], table


def test_another_key_is_refused_before_anything_is_mixed(
    app: Flask, office: Office, keys: KeySource
) -> None:
    with unit_of_work():
        office.draft()
    use(app, OTHER)
    with pytest.raises(KeyProblem, match=Key.of(DATA_KEY).id), unit_of_work():
        office.draft()
    app.extensions[EXTENSION] = keys
    assert db.session.scalars(select(Case)).one().reporter_name == NAME


def test_a_key_of_the_same_name_that_is_another_one_is_refused(
    app: Flask, office: Office, keys: KeySource
) -> None:
    with unit_of_work():
        db.session.execute(update(DataKey).values(check_value="0" * 32))
    use(app, DATA_KEY)
    with pytest.raises(KeyProblem), unit_of_work():
        office.draft()


def test_the_keys_that_are_here_are_registered_and_counted(
    app: Flask, office: Office, keys: KeySource
) -> None:
    with unit_of_work():
        office.draft()
    use(app, OTHER, DATA_KEY)
    with unit_of_work():
        office.draft()
    known = set(db.session.scalars(select(DataKey.key_id)))
    assert known == {Key.of(OTHER).id, Key.of(DATA_KEY).id}
    # Case and reception, three columns each.
    assert [(c.rows, c.key_id in known) for c in sealing.counts()] == [(6, True), (6, True)]


def test_the_key_file_is_read_anew_when_it_changes(tmp_path: Path, app: Flask) -> None:
    path = tmp_path / "key"
    path.write_text(f"# 另行备份\n{DATA_KEY}\n", encoding="utf-8")
    settings = replace(app.config["SETTINGS"], data_key="", data_key_file=str(path))
    source = KeySource(settings)
    assert source().active.id == Key.of(DATA_KEY).id
    path.write_text(f"{OTHER}\n{DATA_KEY}\n", encoding="utf-8")
    assert [key.id for key in source().keys] == [Key.of(OTHER).id, Key.of(DATA_KEY).id]
