"""The plan's two papers, printed by the browser: 问题台账 and 事项交办单 (annex 3, 4)."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.actions.moves import lock_case
from app.actions.printing import MOST_PRINTED, count_print
from app.actions.reveals import reveal_phone
from app.actions.visibility import visible_slips
from app.audit_log import deeds
from app.clock import now
from app.domain.audit import AuditAction
from app.domain.masking import masked_phone
from app.domain.refusals import Refusal
from app.domain.states import Action, RevealReason
from app.domain.workflow import lines_of
from app.extensions import db
from app.models import Case, Slip
from app.reports.papers import annexes
from app.reports.papers.parts import Paper
from app.unit_of_work import unit_of_work
from app.views.case_record import BIGGEST_KEY, whole_cases
from app.views.moment import moment
from app.views.moves import own_path
from app.views.print_rows import too_many
from app.views.reporter import sees_reporter

WITHHELD = "（保密）"


class PrintPage(BaseView):
    """What every print page shares: the bar above, the sheets below."""

    class_permission_name = "Paper"

    def show(self, papers: list[Paper], *, title: str, back: str, **bar: Any) -> str:
        """Return the page of these papers; `bar` names what its buttons do."""
        return self.render_template(
            "papers/print.html", papers=papers, title=title, back=back, printed_at=now(),
            printed_by=g.user, **bar,
        )  # fmt: skip


class PaperView(PrintPage):
    """Print pages; looking at them changes nothing, printing slips is a POST that counts."""

    route_base = "/print"
    default_view = "ledger"
    title = _l("Papers")
    permission_labels: ClassVar[dict[str, Any]] = {
        "can_ledger": _l("See the ledger form"),
        "can_ledger_full": _l("See the full telephone number"),
        "can_slips": _l("See the hand-over slips"),
        "can_print_slips": _l("Print the hand-over slips"),
    }

    @expose("/ledger/<int:case_id>", methods=["GET"])
    @has_access
    def ledger(self, case_id: int) -> Any:
        """Show 问题台账 with the phone masked."""
        return self._ledgers([case_id])

    @expose("/ledger/<int:case_id>/full", methods=["POST"])
    @has_access
    def ledger_full(self, case_id: int) -> Any:
        """Show 问题台账 with the full phone, for those who may see it; the look is recorded."""
        return self._ledgers([case_id], is_full=True)

    @expose("/ledgers", methods=["GET"])
    @has_access
    @permission_name("ledger")
    def ledgers(self) -> Any:
        """Show 问题台账 of the ticked cases, one a page."""
        return self._ledgers(chosen())

    @expose("/ledgers", methods=["POST"])
    @has_access
    @permission_name("ledger_full")
    def ledgers_full(self) -> Any:
        """Show them with their full phones; each look is recorded."""
        return self._ledgers(chosen(), is_full=True)

    def _ledgers(self, ids: list[int], *, is_full: bool = False) -> Any:
        if is_full:
            reveal(numbered_cases(ids))
        cases = numbered_cases(ids)
        note_papers("问题台账", [str(case.ledger_no) for case in cases], is_full=is_full)
        hidden = not is_full and any(may_reveal(case) for case in cases)
        one = len(cases) == 1
        target = url_for("PaperView.ledger_full", case_id=ids[0]) if one else own("ledgers_full")
        return self.show(
            [ledger_of(case, is_full=is_full) for case in cases],
            title=f"问题台账 {cases[0].ledger_no}" if one else "问题台账",
            back=f"/case/{ids[0]}" if one else own_path(url_for("CaseView.list")),
            reveal_url=target if hidden else "",
            ids=ids,
        )

    @expose("/slips/<int:case_id>", methods=["GET"])
    @has_access
    def slips(self, case_id: int) -> Any:
        """Show every slip of a case that this person may see, two halves a page."""
        return self._slips(
            seen_slips(Slip.case_id == case_id),
            back=f"/case/{case_id}",
            count_url=url_for("PaperView.print_slips", case_id=case_id),
        )

    @expose("/slips/<int:case_id>", methods=["POST"])
    @has_access
    def print_slips(self, case_id: int) -> Any:
        """Count the printing and show the page that opens the print dialogue."""
        return self._print(
            Slip.case_id == case_id,
            back=f"/case/{case_id}",
            count_url=url_for("PaperView.print_slips", case_id=case_id),
        )

    @expose("/slips", methods=["GET"])
    @has_access
    @permission_name("slips")
    def some_slips(self) -> Any:
        """Show the ticked slips."""
        ids = chosen()
        return self._slips(
            seen_slips(Slip.id.in_(ids)),
            back=own_path(url_for("SlipView.list")),
            count_url=own("print_some_slips"),
            ids=ids,
        )

    @expose("/slips", methods=["POST"])
    @has_access
    @permission_name("print_slips")
    def print_some_slips(self) -> Any:
        """Count the printing of the ticked slips and open the print dialogue."""
        ids = chosen()
        return self._print(
            Slip.id.in_(ids), back=own_path(url_for("SlipView.list")),
            count_url=own("print_some_slips"), ids=ids,
        )  # fmt: skip

    def _print(self, wanted: Any, **bar: Any) -> str:
        # Shown in the answer to the POST itself: whoever loads it again is counted again.
        with unit_of_work():
            rows = seen_slips(wanted)
            check_tray(rows)
            count_print(rows, by=g.user, now=now())
        return self._slips(seen_slips(wanted), is_counted=True, **bar)

    def _slips(self, rows: list[Slip], **bar: Any) -> str:
        check_tray(rows)
        note_papers("事项交办单", [f"NO {row.no}" for row in rows])
        papers = [annexes.slip(row, rules=moment().rules) for row in rows]
        return self.show(papers, title="事项交办单", **bar)


def note_papers(kind: str, names: Sequence[str], *, is_full: bool = False) -> None:
    """Leave in the log which papers this answer shows, ready to be printed."""
    listed = "、".join(names)
    deeds.taken(
        AuditAction.PRINTED, about=("paper", "", kind), names=listed, papers=len(names),
        is_full=is_full,
    )  # fmt: skip


def own(method: str) -> str:
    """Return the address of one of the print pages for ticked rows."""
    return url_for(f"PaperView.{method}")


def chosen() -> list[int]:
    """Return the ticked rows of the request; answers 404 for none, and says why not too many."""
    ids = list(dict.fromkeys(request.values.getlist("id", type=int)))
    if not ids or any(not 0 < key <= BIGGEST_KEY for key in ids):
        abort(404)
    check_tray(ids)
    return ids


def check_tray(papers: list[Any]) -> None:
    """Send back, in words, whoever asks for more papers than go through a printer at once."""
    if len(papers) > MOST_PRINTED:
        flash(too_many(), "warning")
        abort(redirect(own_path("/")))


def numbered_cases(ids: list[int]) -> list[Case]:
    """Return the visible cases with a ledger entry: a draft or a 不予受理 has no such paper."""
    cases = [case for case in whole_cases(ids, g.user) if case.ledger_no]
    return cases or abort(404)


def seen_slips(wanted: Any) -> list[Slip]:
    """Return the slips this person may see, in the order of their numbers."""
    query = (
        select(Slip)
        .where(wanted, visible_slips(g.user))
        .options(*(joinedload(part) for part in (Slip.unit, Slip.site, Slip.signed_by, Slip.case)))
        .order_by(Slip.year_no, Slip.slip_no)
    )
    return list(db.session.execute(query).scalars()) or abort(404)


def reveal(cases: Iterable[Case]) -> None:
    """Leave in each timeline that the full phone was looked at; answers 403 when it may not."""
    keys = [case.id for case in cases if case.phone and case.masked_at is None]
    try:
        with unit_of_work():
            for key in keys:
                reveal_phone(lock_case(key), why=RevealReason.PAPER, by=g.user, now=now())
    except Refusal:
        abort(403)


def may_reveal(case: Case) -> bool:
    """Return whether the full phone can be asked for at all."""
    is_there = bool(case.phone) and case.masked_at is None
    is_open = bool(lines_of(Action.REVEAL_PHONE, case.state)) and is_there
    return is_open and sees_reporter(case, g.user)


def reporter_words(case: Case) -> str:
    """Return the reporter as this person may read him on a paper."""
    return case.reporter if sees_reporter(case, g.user) else WITHHELD


def ledger_of(case: Case, *, is_full: bool) -> Paper:
    """Return 问题台账 with what this person may know of the reporter."""
    phone = case.phone if is_full else masked_phone(case.phone)
    shown = phone if sees_reporter(case, g.user) else WITHHELD
    return annexes.ledger(case, reporter=reporter_words(case), phone=shown, rules=moment().rules)


def register(appbuilder: AppBuilder) -> None:
    """Add the print pages; they hang on the case page, not in the menu."""
    appbuilder.add_view_no_menu(PaperView)
