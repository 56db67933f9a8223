"""The plan's two papers, printed by the browser: 问题台账 and 事项交办单 (annex 3, 4)."""

from typing import Any, ClassVar

from flask import abort, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.actions.corrections import reveal_phone
from app.actions.facts import current_result, live_slips
from app.actions.moves import lock_case
from app.actions.printing import count_print
from app.actions.visibility import visible, visible_slips
from app.clock import now
from app.domain.due_words import full_time
from app.domain.masking import masked_phone
from app.domain.refusals import Refusal
from app.domain.states import Action, EvalLevel
from app.domain.workflow import lines_of
from app.extensions import db
from app.models import Case, Slip
from app.reports.paper_text import fit
from app.unit_of_work import unit_of_work
from app.views.reporter import sees_reporter

CELL_MM = 124  # the wide cells of annex 3: 128 mm less their padding


class PaperView(BaseView):
    """Print pages; looking at them changes nothing, printing is a POST that counts."""

    route_base = "/print"
    class_permission_name = "Paper"
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
        case = _case(case_id)
        return self._ledger(case, masked_phone(case.phone))

    @expose("/ledger/<int:case_id>/full", methods=["POST"])
    @has_access
    def ledger_full(self, case_id: int) -> Any:
        """Show 问题台账 with the full phone, for those who may see it; the look is recorded."""
        _case(case_id)
        try:
            with unit_of_work():
                phone = reveal_phone(lock_case(case_id), by=g.user, now=now())
        except Refusal:
            abort(403)
        return self._ledger(_case(case_id), phone, is_full=True)

    def _ledger(self, case: Case, phone: str, *, is_full: bool = False) -> Any:
        result = current_result(case)
        may_reveal = bool(lines_of(Action.REVEAL_PHONE, case.state)) and bool(case.phone)
        return self.render_template(
            "papers/ledger.html",
            case=case,
            reporter=case.reporter if sees_reporter(case, g.user) else "（保密）",
            phone=phone if sees_reporter(case, g.user) else "（保密）",
            is_full=is_full or not may_reveal,
            units="、".join(s.unit.name for s in live_slips(case)) or str(case.lead_unit or ""),
            narrative=fit(case.narrative, width_mm=CELL_MM, height_mm=62),
            result=result,
            result_text=fit(_result_text(result), width_mm=CELL_MM, height_mm=36),
            satisfied=_satisfied(case),
            remark=fit(case.remark, width_mm=CELL_MM, height_mm=16),
            printed_at=now(),
            printed_by=g.user,
        )

    @expose("/slips/<int:case_id>", methods=["GET"])
    @has_access
    def slips(self, case_id: int) -> Any:
        """Show every slip of a case that this person may see, two halves a page."""
        return self._slips(_slips_of(case_id))

    @expose("/slips/<int:case_id>", methods=["POST"])
    @has_access
    def print_slips(self, case_id: int) -> Any:
        """Count the printing, then show the page that opens the print dialogue."""
        with unit_of_work():
            count_print(_slips_of(case_id), by=g.user, now=now())
        return redirect(url_for("PaperView.slips", case_id=case_id, go=1))

    def _slips(self, slips: list[Slip]) -> Any:
        pages = [(slip, fit(_limit_text(slip), width_mm=CELL_MM, height_mm=36)) for slip in slips]
        return self.render_template(
            "papers/slips.html", pages=pages, case_id=slips[0].case_id, printed_at=now(),
            goes=request.args.get("go") == "1",
        )  # fmt: skip


def _case(case_id: int) -> Case:
    """Return a case with a ledger entry; a draft or a 不予受理 has no such paper."""
    entered = Case.ledger_no.is_not(None)
    query = visible(g.user).where(Case.id == case_id, entered)
    case = db.session.execute(query).scalar_one_or_none()
    return case or abort(404)


def _slips_of(case_id: int) -> list[Slip]:
    query = (
        select(Slip)
        .where(Slip.case_id == case_id, visible_slips(g.user))
        .order_by(Slip.year_no, Slip.slip_no)
    )
    return list(db.session.execute(query).scalars()) or abort(404)


def _limit_text(slip: Slip) -> str:
    """Return 交办内容 with the limit inside it, as §3.3 asks."""
    limits = {0: "立即办理", 1: "一般事项1个工作日", 3: "复杂事项3个工作日"}
    limit = limits[slip.limit_class.days]
    return f"{slip.content}\n办理时限：{limit}，请于{full_time(slip.due_at)}前办结并回复。"


def _result_text(result: Any) -> str:
    return "" if result is None else f"{result.handling_note}\n答复：{result.reply_text}"


def _satisfied(case: Case) -> bool | None:
    """Return 满意, 不满意, or None while nobody has rated."""
    rated = max(case.evaluations, key=lambda e: e.round_no, default=None)
    return None if rated is None else not EvalLevel(rated.eval_level).is_bad


def register(appbuilder: AppBuilder) -> None:
    """Add the print pages; they hang on the case page, not in the menu."""
    appbuilder.add_view_no_menu(PaperView)
