"""What waits for a person is what the workflow table leaves to him, no more and no less."""

from typing import Any

from sqlalchemy import select

from app.actions.calendars import calendar_of
from app.actions.facts import facts_of
from app.actions.office import load_rules
from app.actions.people import actor_of
from app.actions.visibility import visible, visible_cases
from app.domain.states import Action, ComplaintAbout
from app.domain.workflow import allowed_actions
from app.extensions import db
from app.models import Account, Case, Evaluation
from app.reports.ratings import unread_ratings
from app.reports.waiting import STEPS, Viewer, closing_lists, waiting, waiting_lists
from tests.busy import NOW, Busy

SITE = 1
# A list that holds exactly the cases with this step open; others also wait for a good moment.
EXACT = (
    "to_archive", "to_dispatch", "class_asked", "extensions", "sign_offs", "verdicts",
    "after_redo", "decisions", "to_sign", "bad_ratings",
)  # fmt: skip


def viewer(person: Account) -> Viewer:
    """Return a person as his home page sees him."""

    def signs(about: ComplaintAbout | None) -> frozenset[int]:
        actor = actor_of(person, site_id=SITE, day=NOW.date(), about=about)
        return frozenset({SITE} if actor.approves_today else ())

    return Viewer(person, NOW, load_rules(), signs(None), signs(ComplaintAbout.LEADER))


def open_steps(busy: Busy, person: Account) -> dict[int, set[Action]]:
    """Return what the table lets a person do with each case he sees, asked one by one."""
    rules, calendar = load_rules(), calendar_of(SITE)
    actors = {
        about: actor_of(person, site_id=SITE, day=NOW.date(), about=about)
        for about in (None, *ComplaintAbout)
    }
    return {
        case.id: set(
            allowed_actions(
                facts_of(case, calendar=calendar, rules=rules), actors[case.complaint_about], NOW,
                rules,
            )
        )
        for case in db.session.execute(visible(person)).scalars()
    }  # fmt: skip


def found(condition: Any, person: Account) -> set[int]:
    query = select(Case.id).where(visible_cases(person), condition)
    return set(db.session.execute(query).scalars())


def waits(busy: Busy, key: str) -> set[str]:
    """Return the names of the cases that wait for somebody."""
    person = busy.person(key)
    return busy.names(found(waiting(viewer(person)), person))


def test_every_case_on_a_list_waits_for_its_step(busy: Busy) -> None:
    wrong = []
    for key in busy.people:
        person = busy.person(key)
        steps = open_steps(busy, person)
        for name, condition in waiting_lists(viewer(person)).items():
            idle = [c for c in found(condition, person) if not set(STEPS[name]) & steps[c]]
            wrong += [f"{key}: {name} holds {case}" for case in busy.names(idle)]
    assert not wrong


def test_every_case_with_an_open_step_is_on_its_list(busy: Busy) -> None:
    missing = []
    for key in busy.people:
        person = busy.person(key)
        lists = waiting_lists(viewer(person))
        held = {name: found(lists[name], person) for name in EXACT if name in lists}
        steps = open_steps(busy, person)
        for name in EXACT:
            open_ones = {
                case for case, open_steps in steps.items() if set(STEPS[name]) & open_steps
            }
            lacking = busy.names(open_ones - held.get(name, set()))
            missing += [f"{key}: {name} lacks {case}" for case in lacking]
    # The section may archive an unrated case too; it is the desk's list all the same.
    assert not [line for line in missing if ": to_archive" not in line or "officer" in line]


def test_every_list_is_met_by_some_case(busy: Busy) -> None:
    held = {
        name
        for person in map(busy.person, busy.people)
        for name, condition in waiting_lists(viewer(person)).items()
        if found(condition, person)
    }
    assert set(STEPS) - held == {"after_redo"}


def test_nothing_waits_for_who_does_not_act(busy: Busy) -> None:
    idle = ("viewer", "sys_admin", "sec_admin", "auditor", "m1", "system")
    assert [key for key in idle if waiting_lists(viewer(busy.person(key)))] == []
    assert not waits(busy, "viewer")


def test_leader_signs_on_his_day_only(busy: Busy) -> None:
    assert waits(busy, "leader2") == set()
    assert {"extension", "to_confirm", "ruled", "returned_again", "section"} <= waits(
        busy, "leader"
    )


def test_complaint_about_the_section_is_kept_from_it(busy: Busy) -> None:
    assert not {"section", "section_done"} & waits(busy, "clerk")
    assert {"section", "section_done"} <= waits(busy, "leader")


def test_complaint_about_a_leader_waits_for_the_head_of_the_group(busy: Busy) -> None:
    assert {"leader", "leader_done"} <= waits(busy, "chief")
    assert not {"leader", "leader_done"} & waits(busy, "leader")


def test_unit_waits_for_nothing_of_another_unit(busy: Busy) -> None:
    assert waits(busy, "tax_head") == {"returned_again"}
    assert waits(busy, "build_head") == {"co", "co_signed"}


def test_confidential_case_waits_for_the_head_not_for_the_handler(busy: Busy) -> None:
    assert "secret" in waits(busy, "land_head")
    assert "secret" not in waits(busy, "land_handler")


def test_who_did_not_answer_is_called_again(busy: Busy) -> None:
    officer = busy.person("officer")
    lists = closing_lists(viewer(officer))
    assert busy.names(found(lists["to_call"], officer)) == {"uncalled", "no_answer"}
    assert busy.names(found(lists["to_archive"], officer)) == {"called", "nameless"}


def test_unread_ratings_are_those_the_table_lets_a_person_read(busy: Busy) -> None:
    for key in ("land_head", "tax_head", "leader", "leader2"):
        person = busy.person(key)
        query = select(Evaluation.case_id).where(unread_ratings(viewer(person)))
        unread = set(db.session.execute(query).scalars())
        steps = open_steps(busy, person)
        open_ones = {case for case, moves in steps.items() if Action.READ_EVALUATION in moves}
        assert busy.names(unread) == busy.names(open_ones), key
