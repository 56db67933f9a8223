"""The other papers as print pages: forms of a case, a measure, a visit, a refusal; the folder."""

from typing import Any, ClassVar

from flask import abort, g, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.actions.people import roles_of
from app.actions.visibility import visible, visible_cases
from app.domain.masking import masked_phone
from app.domain.states import UNIT_ROLES, Half
from app.extensions import db
from app.fab.lists import Button
from app.models import Case, LeaderRoster, LeaderVisit, Rejection, Supervision
from app.reports.papers.closing import finished_letter, is_told
from app.reports.papers.folder import CASE_FORMS, FORMS, case_forms, count_forms, folder
from app.reports.papers.office import OF_MEASURE, REJECTION, VISIT, VisitDay
from app.reports.papers.parts import Paper, Subject, fill
from app.views.attachment_panel import seen_scans
from app.views.case_record import BIGGEST_KEY, whole_case
from app.views.moment import moment
from app.views.moves import own_path
from app.views.papers import WITHHELD, PrintPage, may_reveal, note_papers, reporter_words, reveal
from app.views.reporter import sees_reporter
from app.views.supervise import seen_measure

LETTER = "letter"


class PaperFormView(PrintPage):
    """Print pages of everything but the two annexes."""

    route_base = "/print"
    default_view = "form"
    base_permissions: ClassVar[list[str]] = [
        "can_form", "can_desk_form", "can_folder", "can_folder_full",
    ]  # fmt: skip

    @expose("/case/<int:case_id>/<string:key>", methods=["GET"])
    @has_access
    def form(self, case_id: int, key: str) -> Any:
        """Show the papers of one kind of a case, a blank one where that makes sense."""
        case = whole_case(case_id, g.user)
        papers = _papers(case, key) or abort(404)
        note_papers(papers[0].title, [case.ledger_no or f"编号{case.id}"])
        return self.show(papers, title=papers[0].title, back=f"/case/{case_id}")

    @expose("/measure/<int:row_id>", methods=["GET"])
    @has_access
    @permission_name("form")
    def measure(self, row_id: int) -> Any:
        """Show 督办通知单 or 约谈记录 from the registers, also of a unit without a case."""
        row = _measure(row_id)
        form = OF_MEASURE.get(row.kind) or abort(404)
        paper = fill(form, Subject(row, row.case), site=row.site)
        note_papers(form.title, [row.series_no or f"编号{row.id}"])
        return self.show([paper], title=form.title, back=own_path("/"))

    @expose("/visit/<int:visit_id>", methods=["GET"])
    @has_access
    @permission_name("desk_form")
    def visit(self, visit_id: int) -> Any:
        """Show 带班日志 of the day and leader of one visit."""
        visit = _visit(visit_id)
        paper = fill(VISIT, Subject(_day_of(visit)), site=visit.site)
        note_papers(VISIT.title, [f"{visit.day}"])
        return self.show([paper], title=VISIT.title, back=own_path(url_for("LeaderVisitView.list")))

    @expose("/rejection/<int:row_id>", methods=["GET"])
    @has_access
    @permission_name("desk_form")
    def rejection(self, row_id: int) -> Any:
        """Show 不予受理解释登记表, the phone masked."""
        row = _rejection(row_id)
        subject = Subject(row, None, row.reporter_name, masked_phone(row.phone))
        paper = fill(REJECTION, subject, site=row.site)
        note_papers(REJECTION.title, [row.rejection_no])
        back = url_for("RejectionView.read", pk=row_id)
        return self.show([paper], title=REJECTION.title, back=back)

    @expose("/folder/<int:case_id>", methods=["GET"])
    @has_access
    def folder(self, case_id: int) -> Any:
        """Show 一事一档: the directory and every paper of the case."""
        return self._folder(case_id)

    @expose("/folder/<int:case_id>", methods=["POST"])
    @has_access
    def folder_full(self, case_id: int) -> Any:
        """Show it with the full phone; the look is recorded."""
        reveal([_numbered(case_id)])
        return self._folder(case_id, is_full=True)

    def _folder(self, case_id: int, *, is_full: bool = False) -> Any:
        case = _numbered(case_id)
        phone = case.phone if is_full else masked_phone(case.phone)
        shown = phone if sees_reporter(case, g.user) else WITHHELD
        papers = folder(
            case, reporter=reporter_words(case), phone=shown, rules=moment().rules,
            scans=seen_scans(case, g.user),
        )  # fmt: skip
        note_papers("一事一档", [str(case.ledger_no)], is_full=is_full)
        target = url_for("PaperFormView.folder_full", case_id=case_id)
        return self.show(
            papers, title=f"一事一档 {case.ledger_no}", back=f"/case/{case_id}",
            reveal_url="" if is_full or not may_reveal(case) else target,
        )  # fmt: skip


def _numbered(case_id: int) -> Case:
    """Return a case that has a folder: a draft has no number yet, and no look at it is noted."""
    case = whole_case(case_id, g.user)
    return case if case.ledger_no else abort(404)


def _measure(row_id: int) -> Supervision:
    """Return a measure the person may see; a unit those on itself alone."""
    row, unit_id = seen_measure(row_id, g.user), _unit_only()
    return row if unit_id in (None, row.unit_id) else abort(404)


def _papers(case: Case, key: str) -> list[Paper]:
    if key == LETTER:
        told = is_told(case) and sees_reporter(case, g.user)
        return [finished_letter(case, reporter=case.reporter)] if told else []
    return case_forms(case, FORMS[key], unit_id=_unit_only()) if key in FORMS else []


def _unit_only() -> int | None:
    """Return the unit to whose own measures the person is kept; None for the office."""
    return g.user.unit_id if roles_of(g.user) <= UNIT_ROLES else None


def form_links(case: Case, unit_id: int | None) -> list[Button]:
    """Return the links to the forms that exist or make sense, with their counts."""
    found = []
    for form in CASE_FORMS:
        count = count_forms(case, form, unit_id=unit_id)
        if count is not None:
            address = url_for("PaperFormView.form", case_id=case.id, key=form.key)
            found.append(Button(_counted(form.title, count), address))
    return found


def case_papers(case: Case) -> list[Button]:
    """Return what can be printed of a case beside the two annexes: forms, letter, folder."""
    if not case.ledger_no:
        return []
    found = form_links(case, _unit_only())
    if is_told(case) and sees_reporter(case, g.user):
        found.append(
            Button("办结告知单", url_for("PaperFormView.form", case_id=case.id, key=LETTER))
        )
    if not roles_of(g.user) <= UNIT_ROLES:
        found.append(Button("一事一档", url_for("PaperFormView.folder", case_id=case.id)))
    return found


def _counted(title: str, count: int) -> str:
    if count == 0:
        return _("%(paper)s (blank)", paper=title)
    return f"{title}（{count}）" if count > 1 else title


def _visit(visit_id: int) -> LeaderVisit:
    query = select(LeaderVisit).where(
        LeaderVisit.id == min(visit_id, BIGGEST_KEY), LeaderVisit.site_id.in_(moment().site_ids)
    )
    return db.session.execute(query).scalar_one_or_none() or abort(404)


def _day_of(visit: LeaderVisit) -> VisitDay:
    """Return both half-days of the visit's leader; cases are named as far as they may be seen."""
    same = (
        LeaderVisit.site_id == visit.site_id,
        LeaderVisit.day == visit.day,
        LeaderVisit.leader_id == visit.leader_id,
    )
    visits = {v.half: v for v in db.session.execute(select(LeaderVisit).where(*same)).scalars()}
    roster = select(LeaderRoster.leader_id).where(
        LeaderRoster.site_id == visit.site_id, LeaderRoster.day == visit.day
    )
    rostered = db.session.execute(roster).scalar_one_or_none()
    keys = [v.case_id for v in visits.values() if v.case_id]
    query = visible(g.user).where(Case.id.in_(keys)).order_by(Case.id)
    cases = db.session.execute(query).scalars()
    return VisitDay(
        visit.day, visit.leader, rostered not in (None, visit.leader_id), visits.get(Half.AM),
        visits.get(Half.PM), "\n".join(f"{c.ledger_no or ''} {c.item_name}" for c in cases),
    )  # fmt: skip


def _rejection(row_id: int) -> Rejection:
    kept = select(Case.id).where(visible_cases(g.user))
    query = select(Rejection).where(
        Rejection.id == min(row_id, BIGGEST_KEY),
        Rejection.site_id.in_(moment().site_ids),
        or_(Rejection.case_id.is_(None), Rejection.case_id.in_(kept)),
    )
    return db.session.execute(query).scalar_one_or_none() or abort(404)


def register(appbuilder: AppBuilder) -> None:
    """Add the print pages; the case page and the registers lead there."""
    appbuilder.add_view_no_menu(PaperFormView)
