"""What the case page shows this person: header strip, facts, timeline and buttons, all masked."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app.actions.facts import live_slips
from app.domain.deadlines import Card
from app.domain.refusals import Code
from app.domain.states import UNIT_ROLES, Action, Role, State
from app.fab.formats import date_zh, datetime_zh, weekday_zh
from app.fab.lists import Button
from app.models import Case, CaseEvent, Unit
from app.reports.standing import Standing, standing
from app.views.field_words import field_word
from app.views.labels import label, remaining_text, tag_text
from app.views.messages import due_text, sentence
from app.views.moves_table import AT_THE_DESK, MAIN, MOVES, offered
from app.views.reporter import phone_on_page, reporter_on_page, sees_reporter
from app.views.scene import Scene

Fact = tuple[str, Any, bool]  # word, value, whether it takes the whole width

KINDS = {
    Action.ESCALATE: "is-red",
    Action.SEND_BACK: "is-red",
    Action.SUPERVISE: "is-red",
    Action.VERIFY: "is-yellow",
    Action.APPLY_EXTENSION: "is-yellow",
    Action.REQUEST_RETURN: "is-yellow",
    Action.CONFIRM: "is-green",
    Action.EVALUATE: "is-green",
    Action.RESOLVE: "is-green",
    Action.REVEAL_PHONE: "is-quiet",
}
# Moves whose reason is somebody's opinion.
OPINIONS = frozenset(
    {
        Action.EVALUATE, Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION, Action.REASSIGN,
        Action.ASSIGN_LEAD, Action.APPROVE_VERDICT, Action.DECIDE_AFTER_REDO, Action.VERIFY,
    }
)  # fmt: skip
LEADERS = frozenset({Role.DUTY_LEADER, Role.GROUP_HEAD})


@dataclass(frozen=True)
class Strip:
    """The header strip: where the case stands."""

    standing: Standing
    state: str
    card: str
    countdown: str
    due: str
    due_reason: str
    tags: list[tuple[str, str]]

    @property
    def css(self) -> str:
        """Return the colour of the strip."""
        return {Card.RED: "is-red", Card.YELLOW: "is-yellow"}.get(self.standing.card, "")


@dataclass(frozen=True)
class Happening:
    """A row of the timeline as macros.timeline draws it."""

    at: str
    what: str
    who: str
    note: str
    kind: str = ""


@dataclass(frozen=True)
class Phone:
    """The phone as this person may see it; `may_reveal` offers 查看完整号码."""

    text: str
    may_reveal: bool = False


@dataclass(frozen=True)
class Brief:
    """What stands beside every form: enough of the case to decide on."""

    strip: Strip
    reporter: str
    phone: Phone
    facts: list[Fact] = field(default_factory=list)


def strip_of(scene: Scene) -> Strip:
    """Return the header strip."""
    case = _case(scene)
    stand = standing(case, calendar=scene.calendar, rules=scene.rules, now=scene.now)
    cards = {Card.YELLOW: _("Yellow card"), Card.RED: _("Red card")}
    due = f"{due_text(stand.due_at)}（{weekday_zh(stand.due_at)}）" if stand.due_at else ""
    return Strip(
        stand, label(case.state), cards.get(stand.card, ""), remaining_text(stand), due,
        case.due_reason if stand.due_at == case.due_at else "", _tags(case, stand),
    )  # fmt: skip


def _tags(case: Case, stand: Standing) -> list[tuple[str, str]]:
    tags = [(tag.kind, tag_text(tag)) for tag in stand.tags]
    if len(live_slips(case)) > 1:
        tags.append(("info", _("Several units")))
    if any(row.closed_at is None for row in case.supervisions):
        tags.append(("supervised", _("Under supervision")))
    if case.is_ledger_void:
        tags.append(("muted", _("Ledger number void")))
    return tags


def reporter_of(scene: Scene) -> str:
    """Return the reporter, masked or withheld as the person's role asks."""
    case = _case(scene)
    if case.is_confidential and not sees_reporter(case, scene.by):
        return _("Confidential case: the reporter is not shown.")
    return reporter_on_page(case, scene.by) or "—"


def phone_of(scene: Scene) -> Phone:
    """Return the phone, with the button to the whole number where it may be pressed."""
    case = _case(scene)
    text = phone_on_page(case, scene.by)
    may = bool(case.phone) and text != case.phone and Action.REVEAL_PHONE in scene.allowed
    return Phone(text or "—", may)


def brief_of(scene: Scene) -> Brief:
    """Return the summary beside a form."""
    case = _case(scene)
    facts: list[Fact] = [
        (field_word("category"), label(case.category), False),
        (_("Duty officer"), case.registered_by.name, False),
        (field_word("involved_unit_id"), _elsewhere(case), False),
        (field_word("lead_unit_id"), case.lead_unit, False),
        (_("Dispatched at"), case.dispatched_at and datetime_zh(case.dispatched_at), False),
    ]
    return Brief(strip_of(scene), reporter_of(scene), phone_of(scene), _filled(facts))


def facts_of_page(scene: Scene) -> list[Fact]:
    """Return the facts of the page after reporter and phone; empty ones are left out.

    The times in between stand in the timeline.
    """
    case = _case(scene)
    return _filled([
        (field_word("narrative"), case.narrative, True),
        (field_word("demand"), case.demand, True),
        (field_word("category"), label(case.category), False),
        *_category_facts(case),
        (field_word("involved_unit_id"), _elsewhere(case), False),
        (field_word("lead_unit_id"), case.lead_unit, False),
        (field_word("reporter_type"), label(case.reporter_type), False),
        (field_word("source"), label(case.source), False),
        (_("Duty officer"), case.registered_by.name, False),
        (_("Registered at"), datetime_zh(case.registered_at), False),
        (_("Dispatched at"), case.dispatched_at and datetime_zh(case.dispatched_at), False),
        (_("Finished at"), case.finished_at and datetime_zh(case.finished_at), False),
        (field_word("preliminary_view"), case.preliminary_view, True),
        (field_word("remark"), case.remark, True),
    ])  # fmt: skip


def _elsewhere(case: Case) -> Unit | None:
    """Return the unit involved where it is not the one that handles the case."""
    return case.involved_unit if case.involved_unit_id != case.lead_unit_id else None


def _category_facts(case: Case) -> list[Fact]:
    """Return what belongs to the category; a case holds only the fields of its own."""
    words = ("item_kind", "apply_mode", "stuck_stage", "conduct_type", "complaint_about",
             "suggestion_type")  # fmt: skip
    rows: list[Fact] = [(field_word(w), label(getattr(case, w)), False) for w in words]
    return [
        *rows,
        (field_word("apply_no"), case.apply_no, False),
        (field_word("applied_on"), case.applied_on and date_zh(case.applied_on), False),
        (field_word("visits_count"), case.visits_count, False),
        (field_word("visits_note"), case.visits_note, False),
        (field_word("involved_person"), case.involved_person, False),
        (field_word("occurred_at"), case.occurred_at and datetime_zh(case.occurred_at), False),
    ]


def _filled(facts: list[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact[1] not in (None, "")]


def happenings(events: list[CaseEvent], scene: Scene) -> list[Happening]:
    """Return the timeline, the latest first."""
    return [
        Happening(
            at=event.at.strftime("%m-%d %H:%M" if event.at.year == scene.now.year
                                 else "%Y-%m-%d %H:%M"),
            what=event.label or label(event.action),
            who=_who(event),
            note=_note(event),
            kind=KINDS.get(event.action, "") if event.action else "is-quiet",
        )
        for event in events
    ]  # fmt: skip


def _who(event: CaseEvent) -> str:
    unit = event.by.unit
    return f"{event.by.name}（{unit.name}）" if unit else event.by.name


def _note(event: CaseEvent) -> str:
    """Return the sentence of the event, with what was said in favour of it."""
    words = _("Reason: %(reason)s", reason=event.reason)
    if event.action in OPINIONS:
        words = _("Opinion: %(opinion)s", opinion=event.reason)
    return "\n".join(part for part in (event.summary, words if event.reason else "") if part)


def buttons(scene: Scene) -> list[Button]:
    """Return the links to the forms this person may open now, the main one first."""
    case = _case(scene)
    links = []
    if set(scene.allowed) & AT_THE_DESK:
        address = url_for("IntakeView.draft", case_id=case.id)
        links.append(Button(_("Continue the entry"), address, kind=MAIN, icon="pen"))
    for action in offered(scene):
        screen = MOVES[action]
        method = "post" if screen.is_one_click else "get"
        address = url_for("CaseMoves.move", case_id=case.id, action=action.value)
        # One main button is enough; a second one would ask which.
        look = "default" if links and screen.look == MAIN else screen.look
        links.append(Button(label(action), address, method, look, screen.confirm, screen.icon))
    return links


def bar_notes(scene: Scene) -> list[str]:
    """Return why a button that this person looks for is not there."""
    return [note for note in (_explanation_note(scene), _leader_note(scene)) if note]


def _explanation_note(scene: Scene) -> str:
    refusals = (scene.why_not(a) for a in (Action.RESOLVE, Action.APPLY_EXTENSION))
    return next((sentence(r) for r in refusals if r and r.code is Code.EXPLANATION_MISSING), "")


def _leader_note(scene: Scene) -> str:
    """Return who is on duty to a leader who is not, else nothing."""
    waits = _case(scene).state not in (State.ARCHIVED, State.WITHDRAWN, State.MERGED)
    if not waits or not scene.actor.roles & LEADERS or scene.actor.approves_today:
        return ""
    name = scene.leader.name if scene.leader else "—"
    return _("Duty leader today: %(name)s", name=name)


def paper_links(scene: Scene) -> list[Button]:
    """Return the papers of the case that can be printed."""
    case = _case(scene)
    views = current_app.view_functions
    found = []
    if case.ledger_no and "PaperView.ledger" in views:
        address = url_for("PaperView.ledger", case_id=case.id)
        found.append(Button(_("Print the ledger entry"), address, icon="print"))
    own = [s for s in case.slips if scene.by.unit_id in (None, s.unit_id)]
    visible = own if scene.actor.roles & UNIT_ROLES else case.slips
    if visible and "PaperView.slips" in views:
        address = url_for("PaperView.slips", case_id=case.id)
        found.append(Button(_("Print the slips"), address, icon="print"))
    return found


def withheld(scene: Scene) -> frozenset[str]:
    """Return the corrected fields whose old and new values this person does not read."""
    if sees_reporter(_case(scene), scene.by):
        return frozenset({"phone"})
    return frozenset({"phone", "reporter_name", "company_name"})


def _case(scene: Scene) -> Case:
    if scene.case is None:
        raise LookupError("the page needs its case")
    return scene.case
