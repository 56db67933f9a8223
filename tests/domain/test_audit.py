"""The chain of the audit log: whatever is done to it shows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import BEGINNING, Head, Link, Tampering, digest, faults, linked

ENTRIES = [{"what": f"deed {n}", "by": n} for n in range(1, 8)]
CHAIN = list(linked(Head(), ENTRIES))
HEAD = Head(7, CHAIN[-1].hash)
ANCHORS = {3: CHAIN[2].hash, 7: CHAIN[6].hash}


def wrong(chain: list[Link], *, head: Head = HEAD, anchors: dict[int, str] = ANCHORS) -> list:
    return list(faults(chain, head=head, anchors=anchors))


def test_untouched_chain_holds() -> None:
    assert wrong(CHAIN) == []
    assert wrong([], head=Head(), anchors={}) == []
    assert CHAIN[0].prev_hash == BEGINNING


def test_chain_goes_on_where_it_stopped() -> None:
    first = list(linked(Head(), ENTRIES[:4]))
    rest = list(linked(Head(4, first[-1].hash), ENTRIES[4:]))
    assert first + rest == CHAIN


def test_edited_entry_is_found() -> None:
    chain = [*CHAIN]
    chain[4] = replace(chain[4], facts={"what": "other", "by": 5})
    assert wrong(chain) == [(5, Tampering.EDITED)]


def test_entry_edited_with_its_digest_breaks_the_next() -> None:
    facts = {"what": "other", "by": 5}
    chain = [*CHAIN]
    chain[4] = replace(chain[4], facts=facts, hash=digest(chain[4].prev_hash, 5, facts))
    assert wrong(chain) == [(6, Tampering.OUT_OF_ORDER)]


def test_deleted_entry_is_found() -> None:
    assert wrong(CHAIN[:3] + CHAIN[4:]) == [(4, Tampering.MISSING)]
    assert wrong(CHAIN[1:])[0] == (1, Tampering.MISSING)


def test_swapped_entries_are_found() -> None:
    one, other = CHAIN[1], CHAIN[2]
    chain = [
        CHAIN[0], replace(other, seq=2), replace(one, seq=3), *CHAIN[3:],
    ]  # fmt: skip
    found = wrong(chain)
    assert (2, Tampering.OUT_OF_ORDER) in found
    assert (3, Tampering.OUT_OF_ORDER) in found


def test_cut_tail_is_found_by_the_head() -> None:
    assert (7, Tampering.CUT) in wrong(CHAIN[:5], anchors={3: CHAIN[2].hash})


def test_cut_tail_with_a_reset_head_is_found_by_the_anchor() -> None:
    head = Head(5, CHAIN[4].hash)
    assert wrong(CHAIN[:5], head=head) == [(7, Tampering.ANCHOR)]


def test_whole_chain_made_anew_is_found_by_the_anchor() -> None:
    forged = list(linked(Head(), [{"what": "nothing", "by": 0}] * 7))
    head = Head(7, forged[-1].hash)
    assert wrong(forged, head=head) == [(3, Tampering.ANCHOR), (7, Tampering.ANCHOR)]


@given(st.data())
def test_any_single_change_is_found(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 6))
    kind = data.draw(st.sampled_from(["edit", "drop", "hash", "prev"]))
    chain, victim = [*CHAIN], CHAIN[place]
    if kind == "drop":
        del chain[place]
    else:
        chain[place] = {
            "edit": replace(victim, facts=dict(victim.facts) | {"by": 99}),
            "hash": replace(victim, hash="f" * 64),
            "prev": replace(victim, prev_hash="e" * 64),
        }[kind]
    assert wrong(chain)


@pytest.mark.parametrize("text", ["", "汉字𠅤", 'a"b\\c', "\u202e", "\n"])
def test_digest_is_that_of_the_words(text: str) -> None:
    assert digest(BEGINNING, 1, {"a": text}) == digest(BEGINNING, 1, {"a": text})
    assert digest(BEGINNING, 1, {"a": text}) != digest(BEGINNING, 1, {"a": text + "x"})
