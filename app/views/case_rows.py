"""A case as one row of a list: its cells, its colour and the two or three buttons that matter."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.actions.facts import current_result
from app.actions.people import roles_of
from app.domain.masking import masked_name
from app.domain.states import UNIT_ROLES, Action, Role, State
from app.fab.formats import NOTHING, date_zh, weekday_zh
from app.fab.lists import Button
from app.models import Account, Case
from app.reports.standing import Standing
from app.views.labels import label, remaining_text, tag_text
from app.views.moment import moment

# What `facts_of` looks at, so that the buttons of 25 rows cost no statement more than those of one.
FACTS = (
    "slips", "results", "extensions", "return_requests", "group_reviews", "evaluations",
    "callbacks", "explanations", "contacts",
)  # fmt: skip

# The order in which a row offers its buttons; what is not here waits on the case page.
BUTTON_ORDER = (
    Action.SUBMIT, Action.REJECT, Action.DISPATCH, Action.SIGN, Action.SIGN_CO,
    Action.APPROVE_EXTENSION, Action.CONFIRM, Action.CONFIRM_DECISION, Action.RECORD_DECISION,
    Action.REASSIGN, Action.ASSIGN_LEAD, Action.REFUSE_RETURN, Action.VERIFY,
    Action.DECIDE_AFTER_REDO, Action.APPROVE_VERDICT, Action.CHANGE_CLASS, Action.CLOSE_UNRATED,
    Action.EVALUATE, Action.CALL_BACK, Action.RESOLVE, Action.CO_REPLY, Action.CONTACT,
    Action.SEND_BACK, Action.RETURN_DRAFT, Action.ESCALATE,
)  # fmt: skip
MOST_BUTTONS = 2
# One click, nothing to fill in: the row acts itself. All others lead to their form.
AT_ONCE = {
    Action.SIGN: "sign",
    Action.SIGN_CO: "sign",
    Action.CONFIRM: "confirm",
    Action.CLOSE_UNRATED: "close_unrated",
}


def case_href(case_id: int) -> str:
    """Return the address of a case's page, from where the way back is this list as it stands."""
    return url_for("CasePage.show", case_id=case_id, back=here())


def move_href(case_id: int, action: Action) -> str:
    """Return the address of the form of a move, which comes back to this list."""
    return url_for("CaseMoves.move", case_id=case_id, action=action.value, back=here())


def here() -> str:
    """Return the page being looked at, filters and all."""
    return request.full_path if request.query_string else request.path


def may_open(person: Account) -> bool:
    """Return whether the person opens case pages; who only counts stays with the masked list."""
    return bool(roles_of(person) - {Role.COUNTY_VIEWER})


def buttons_of(case: Case, endpoint: str) -> list[Button]:
    """Return the most important moves open to the person on this row; the first one stands out."""
    allowed = moment().allowed(case)
    wanted = [action for action in BUTTON_ORDER if action in allowed]
    if moment().standing(case).is_overdue and Action.SUPERVISE in allowed:
        wanted.insert(min(1, len(wanted)), Action.SUPERVISE)
    return [
        _button(case, action, endpoint, "default" if n else "primary")
        for n, action in enumerate(wanted[:MOST_BUTTONS])
    ]


def move_links(case: Case, wanted: Sequence[Action]) -> list[Button]:
    """Return the forms of these moves as far as they are open to the person."""
    allowed = moment().allowed(case)
    moves = [action for action in wanted if action in allowed]
    return [
        Button(label(a), move_href(case.id, a), kind="default" if n else "primary")
        for n, a in enumerate(moves)
    ]


def _button(case: Case, action: Action, endpoint: str, kind: str) -> Button:
    name = AT_ONCE.get(action)
    if name is None:
        return Button(label(action), move_href(case.id, action), kind=kind)
    address = url_for(f"{endpoint}.action", name=name, pk=case.id)
    question = _("Confirm and sign this result?") if action is Action.CONFIRM else ""
    return Button(label(action), address, "post", kind, question)


def case_cell(case: Case | None) -> Markup:
    """Return a case's number and item in a register about something else."""
    if case is None:
        return escape(NOTHING)
    return Markup('<span class="nowrap">{}</span> {}').format(case.ledger_no or "", case.item_name)


def reporter_in_list(case: Case, person: Account) -> str:
    """Return the reporter as every list shows him: firm in full, name masked (§4.2, D-22)."""
    if case.is_anonymous:
        return case.reporter
    if case.is_confidential and roles_of(person) <= UNIT_ROLES:
        return _("(confidential)")
    return case.company_name or masked_name(case.reporter_name) or NOTHING


def item_cell(case: Case) -> Markup:
    """Return what it is about, its marks below."""
    marks = [
        Markup('<span class="tag tag-{}">{}</span>').format(tag.kind, tag_text(tag))
        for tag in moment().standing(case).tags
    ]
    line = Markup('<span class="row-tags">{}</span>').format(Markup(" ").join(marks))
    name = escape(case.item_name or NOTHING)
    return name + (line if marks else Markup("")) + result_note(case)


def note(text: str) -> Markup:
    """Return a second, quiet line of a cell."""
    return Markup('<span class="row-note">{}</span>').format(text) if text else Markup("")


def result_note(case: Case) -> Markup:
    """Return what the unit submitted: whoever signs from a list reads it there (domain/6.4)."""
    result = current_result(case) if case.state is State.TO_CONFIRM else None
    if result is None:
        return Markup("")
    achieved = _("Achieved") if result.is_achieved else _("Not achieved")
    first = f"{label(result.result_type)}，{achieved}"
    return Markup("").join(map(note, (first, result.handling_note, result.reply_text)))


def due_cell(case: Case) -> Markup:
    """Return until when the next step is due, and what is left of it, in the card's colour."""
    stand = moment().standing(case)
    left = left_text(stand)
    at = due_text(stand) or next_text(case)
    if not at and not left:
        return escape(NOTHING)
    words = Markup('<span class="row-left text-{}">{}</span>').format(stand.card.value, left)
    return escape(at) + (words if left else Markup(""))


def due_text(stand: Standing) -> str:
    """Return 10-15 周四 17:00: lists are about weeks, not years."""
    if stand.due_at is None:
        return ""
    return f"{stand.due_at:%m-%d} {weekday_zh(stand.due_at)} {stand.due_at:%H:%M}"


def next_text(case: Case) -> str:
    """Return until when a closed case may be rated or must be verified."""
    if case.state is not State.TO_EVALUATE:
        return ""
    until = case.verify_due_at or case.eval_until
    return f"{until:%m-%d} {weekday_zh(until)} {until:%H:%M}" if until else ""


def left_text(stand: Standing) -> str:
    """Return the countdown without its “working time”, which the column's head says once."""
    return remaining_text(stand).replace(_("(working time)"), "").strip()


def state_cell(case: Case) -> Markup:
    """Return the state's word as a quiet mark."""
    looks = {
        State.TO_DISPATCH: "info", State.TO_SIGN: "info", State.HANDLING: "one-day",
        State.GROUP_REVIEW: "redo", State.TO_CONFIRM: "pending", State.TO_EVALUATE: "done",
        State.REDO: "redo",
    }  # fmt: skip
    look = looks.get(case.state, "muted")
    return Markup('<span class="tag tag-{}">{}</span>').format(look, label(case.state))


CELLS: dict[str, Any] = {
    "ledger_no": lambda case, _person: case.ledger_no or _("Draft"),
    "item_name": lambda case, _person: item_cell(case),
    "reporter": reporter_in_list,
    "state": lambda case, _person: state_cell(case),
    "due_at": lambda case, _person: due_cell(case),
    "category": lambda case, _person: label(case.category) or NOTHING,
    "limit_class": lambda case, _person: label(case.limit_class) or NOTHING,
    "registered_at": lambda case, _person: date_zh(case.registered_at),
}
"""Column → what stands in it; other columns are shown as they are."""
