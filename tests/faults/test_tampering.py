"""审计日志 under a hand that owns the database: edited, deleted, swapped, cut; and worse.

Each is done past the triggers. With the guard switched off, which for a log is its chain, nothing
would be found: the same hand followed by new digests goes unseen until the anchor is held to it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.actions import audit
from app.actions.audit_chain import stored_links
from app.database import snapshot
from app.domain.audit import Head, Tampering, linked
from app.extensions import db
from app.unit_of_work import unit_of_work
from tests.factories import make_office
from tests.tampering import by_hand

T = Tampering
NOUGHT, OTHER = "0" * 64, "" * 64
# What the hand does → what must be found, with the head of the day before anchored outside.
HANDS: Mapping[str, tuple[tuple[str, ...], set[Tampering]]] = {
    "edit": (("UPDATE audit_entries SET account_name = '别人' WHERE id = 3",), {T.EDITED}),
    "edit to nonsense": (
        ("UPDATE audit_entries SET action = 'x', \"before\" = '{' WHERE id = 3",), {T.EDITED},
    ),
    "edit to bytes": (("UPDATE audit_entries SET \"after\" = {bytes} WHERE id = 3",), {T.EDITED}),
    "digest set too": (
        (f"UPDATE audit_entries SET hash = '{OTHER}' WHERE id = 3",), {T.EDITED, T.OUT_OF_ORDER},  # noqa: S608
    ),
    "deletion": (("DELETE FROM audit_entries WHERE id = 3",), {T.MISSING}),
    "first one deleted": (("DELETE FROM audit_entries WHERE id = 1",), {T.MISSING}),
    "insertion before": (
        ("UPDATE audit_entries SET id = 0 WHERE id = 3",), {T.MISSING},
    ),
    "swap": (
        ("UPDATE audit_entries SET id = -2 WHERE id = 2",
         "UPDATE audit_entries SET id = 2 WHERE id = 3",
         "UPDATE audit_entries SET id = 3 WHERE id = -2"), {T.OUT_OF_ORDER},
    ),
    "cut tail": (("DELETE FROM audit_entries WHERE id > 5",), {T.CUT}),
    "cut tail, head set back": (
        ("DELETE FROM audit_entries WHERE id > 5",
         "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_entries WHERE id = 5)"),
        {T.ANCHOR},
    ),
    "emptied, head set back": (
        ("DELETE FROM audit_entries", f"UPDATE audit_head SET seq = 0, hash = '{NOUGHT}'"),  # noqa: S608
        {T.ANCHOR},
    ),
    "head gone": (("DELETE FROM audit_head",), {T.CUT}),
    "event edited": (("UPDATE case_events SET summary = 'x' WHERE id = 1",), {T.EVENT_EDITED}),
    "event deleted": (("DELETE FROM case_events WHERE id = 1",), {T.EVENT_MISSING}),
}  # fmt: skip
# What the application's own statements are refused.
REFUSED = (
    "UPDATE audit_entries SET account_name = 'x' WHERE id = 1",
    "DELETE FROM audit_entries WHERE id = 1",
    "UPDATE audit_head SET seq = seq - 1",
    "DELETE FROM audit_head",
    "UPDATE case_events SET summary = 'x'",
    "DELETE FROM case_events",
    "UPDATE cases SET ledger_no = NULL WHERE ledger_no IS NOT NULL",
    "DELETE FROM cases",
)
ONLY_SQLITE = (
    "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE id = 1",
    "INSERT OR REPLACE INTO audit_head (id, seq, hash) VALUES (1, 0, '')",
    "INSERT OR REPLACE INTO case_events SELECT * FROM case_events WHERE id = 1",
)
ONLY_POSTGRESQL = ("TRUNCATE audit_entries", "TRUNCATE case_events CASCADE", "TRUNCATE audit_head")


@pytest.fixture
def anchors(session: Any) -> dict[int, str]:
    """Return the head of a log that has grown for a day, as it was anchored outside."""
    with unit_of_work():
        office = make_office()
    with unit_of_work():
        office = make_case(office)
    head = audit.head()
    assert head.seq > 8
    assert audit.verify(anchors={head.seq: head.hash}) == []
    db.session.rollback()  # TRUNCATE would wait for it
    return {head.seq: head.hash}


def make_case(office: Any) -> Any:
    office.dispatch(office.submit(office.draft()))
    return office


@pytest.mark.parametrize("hand", HANDS)
def test_hand_is_found(anchors: dict[int, str], hand: str) -> None:
    statements, expected = HANDS[hand]
    # PostgreSQL takes no bytes for text.
    nonsense = "x'ff'" if db.engine.dialect.name == "sqlite" else "'{'"
    by_hand(*(line.replace("{bytes}", nonsense) for line in statements))
    found = {fault.what for fault in audit.verify(anchors=anchors)}
    assert expected <= found, (hand, found)


@pytest.mark.parametrize("hand", ["edit", "deletion", "swap", "cut tail"])
def test_with_the_chain_made_anew_only_the_anchor_finds_it(
    anchors: dict[int, str], hand: str
) -> None:
    """The guard switched off: whoever owns the database works out every digest again."""
    by_hand(*HANDS[hand][0])
    by_hand(*made_anew())
    blind = {fault.what for fault in audit.verify(anchors={})} - {T.EVENT_ADDED}
    assert blind == set(), "without its anchor the log must look whole, or this test tests nothing"
    assert T.ANCHOR in {fault.what for fault in audit.verify(anchors=anchors)}


def made_anew() -> list[str]:
    """Return the statements that chain what is there as if it had always been so."""
    with snapshot(db.engine) as connection:
        there = list(stored_links(connection))
    made = list(linked(Head(), (link.facts for link in there)))
    lines = ["UPDATE audit_entries SET id = -id"]
    for old, new in zip(there, made, strict=True):
        lines.append(
            f"UPDATE audit_entries SET id = {new.seq}, prev_hash = '{new.prev_hash}',"  # noqa: S608
            f" hash = '{new.hash}' WHERE id = {-old.seq}"
        )
    end = made[-1]
    return [*lines, f"UPDATE audit_head SET seq = {end.seq}, hash = '{end.hash}'"]  # noqa: S608


def test_guards_of_the_database_refuse(anchors: dict[int, str]) -> None:
    own = ONLY_SQLITE if db.engine.dialect.name == "sqlite" else ONLY_POSTGRESQL
    for sql in (*REFUSED, *own):
        with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
            connection.execute(text(sql))
    assert audit.verify(anchors=anchors) == []


def test_with_the_guards_off_the_same_goes_through(anchors: dict[int, str]) -> None:
    """Each statement that was refused does change something once its trigger is gone."""
    done: Callable[[str], None] = by_hand
    for sql in REFUSED[:2]:
        done(sql)
    assert audit.verify(anchors=anchors) != []
