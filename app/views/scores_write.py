"""What 督办考核科 does with a score sheet: exclude, take back, freeze, correct."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import abort, flash, g, redirect, request
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, ValidationError

from app.actions.score_rules import frozen_sheet, hold
from app.actions.scoring import correct_score, exclude, freeze, require_freezable, restore
from app.clock import now
from app.domain.refusals import Code, Refusal
from app.domain.scoring import UnitScore, read_points, shown
from app.domain.states import ScoreKind
from app.extensions import db
from app.fab.fields import Text
from app.fab.interface import is_key
from app.models import ScoreExclusion
from app.reports.score_records import name_of, records
from app.reports.score_sheets import sheet_of
from app.unit_of_work import unit_of_work
from app.views.forms.parts import LateChoice, MoveForm, paragraph
from app.views.labels import label
from app.views.messages import sentence
from app.views.moves import STATUS, put_problems, refusal_of
from app.views.score_parts import Place, ScorePage, kind_of, place_of, sees_frozen_only

TOTAL = "total"


class ExcludeForm(MoveForm):
    """Why an occurrence shall not count."""

    reason = paragraph("reason")


class CorrectForm(MoveForm):
    """Which number is wrong, what it should be, and why; `item` carries the number as seen."""

    item = LateChoice(_l("Number to correct"), [InputRequired()])
    points = StringField(_l("Correct points"), [InputRequired()], widget=Text(),
                         render_kw={"inputmode": "decimal", "maxlength": 12})  # fmt: skip
    reason = paragraph("reason")

    def fill(self, unit: UnitScore) -> None:
        """Offer every number of the unit with its present value."""
        choices = [
            (f"{cell.kind.value}:{shown(cell.points)}", _now(label(cell.kind), cell.points))
            for cell in unit.cells
        ]
        self.item.fill(
            [*choices, (f"{TOTAL}:{shown(unit.total)}", _now(_("Total score"), unit.total))]
        )

    def validate_points(self, field: Any) -> None:
        """Refuse what is no points."""
        try:
            read_points(field.data or "")
        except ValueError:
            raise ValidationError(_("Points have two decimals at most, such as -0.5.")) from None

    def asked(self) -> tuple[ScoreKind | None, Decimal]:
        """Return the rule (None: the total) and the number the person saw."""
        name, _colon, seen = self.item.data.partition(":")
        return (None if name == TOTAL else kind_of(name)), Decimal(seen)


def _now(word: str, points: Decimal) -> str:
    return _("%(item)s (now %(points)s)", item=word, points=shown(points))


class ScoreWriteView(ScorePage):
    """The changes of a sheet."""

    route_base = "/scores"
    default_view = "exclude_form"

    @expose("/<int:site_id>/<month>/freeze", methods=["POST"])
    @has_access
    @permission_name("write")
    def freeze(self, site_id: int, month: str) -> Any:
        """Count under the site's lock and store, if the numbers are those that were seen."""
        place = place_of(site_id, month)
        try:
            _freeze(place, request.form.get("mark", ""))
        except Exception as error:
            flash(sentence(refusal_of(error) or _raise(error)), "warning")
        else:
            flash(_("The score sheet of %(month)s is frozen.", month=place.word), "success")
        return redirect(place.href("ScoreView.sheet"))

    @expose("/<int:site_id>/<month>/exclude", methods=["GET"])
    @has_access
    @permission_name("write")
    def exclude_form(self, site_id: int, month: str) -> Any:
        """Ask why an occurrence shall not count."""
        place = place_of(site_id, month)
        return self._exclude_page(place, ExcludeForm(formdata=None), *_asked_record())

    @expose("/<int:site_id>/<month>/exclude", methods=["POST"])
    @has_access
    @permission_name("write")
    def exclude(self, site_id: int, month: str) -> Any:
        """Leave it out."""
        place, (kind, record_id), form = place_of(site_id, month), _asked_record(), ExcludeForm()
        if not form.validate():
            page = self._exclude_page(place, form, kind, record_id)
            return page, HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            with unit_of_work():
                hold(site_id)
                counted = sheet_of(place.site, period=place.period).units
                row = exclude(
                    site_id=site_id, month=place.month, kind=kind, record_id=record_id,
                    counted=counted, reason=form.reason.data or "", by=g.user, now=now(),
                )  # fmt: skip
                unit_id = row.unit_id
        except Exception as error:
            refusal = refusal_of(error) or _raise(error)
            put_problems(form, refusal)
            return self._exclude_page(place, form, kind, record_id), _status(refusal)
        flash(_("It no longer counts."), "success")
        return redirect(place.href("ScoreView.records", unit=unit_id, kind=kind.value))

    def _exclude_page(self, place: Place, form: MoveForm, kind: ScoreKind, key: int) -> str:
        found = records(kind, [key]) or abort(404)
        form.mark_required(("reason",))
        about = f"{place.word}　{label(kind)}　{name_of(found[0])}"
        return self._form(place, form, _("Leave out of the score"), about)

    @expose("/<int:site_id>/<month>/restore/<int:exclusion_id>", methods=["POST"])
    @has_access
    @permission_name("write")
    def restore(self, site_id: int, month: str, exclusion_id: int) -> Any:
        """Let an excluded occurrence count again."""
        place = place_of(site_id, month)
        try:
            with unit_of_work():
                hold(site_id)
                restore(_exclusion(place, exclusion_id), by=g.user, now=now())
        except Exception as error:
            flash(sentence(refusal_of(error) or _raise(error)), "warning")
        else:
            flash(_("It counts again."), "success")
        return redirect(place.href("ScoreView.sheet"))

    @expose("/<int:site_id>/<month>/correct", methods=["GET"])
    @has_access
    @permission_name("write")
    def correct_form(self, site_id: int, month: str) -> Any:
        """Ask which frozen number is to be corrected."""
        place = place_of(site_id, month)
        return self._correct_page(place, CorrectForm(formdata=None, data=_preset(place)))

    @expose("/<int:site_id>/<month>/correct", methods=["POST"])
    @has_access
    @permission_name("write")
    def correct(self, site_id: int, month: str) -> Any:
        """Keep the correction beside the old number."""
        place, form = place_of(site_id, month), CorrectForm()
        unit = _unit(place)
        form.fill(unit)
        if not form.validate():
            return self._correct_page(place, form), HTTPStatus.UNPROCESSABLE_ENTITY
        kind, seen = form.asked()
        try:
            with unit_of_work():
                correct_score(
                    frozen_sheet(site_id=site_id, month=place.month), unit_id=unit.unit_id,
                    kind=kind, seen=seen, new=read_points(form.points.data),
                    reason=form.reason.data or "", by=g.user, now=now(),
                )  # fmt: skip
        except Exception as error:
            refusal = refusal_of(error) or _raise(error)
            put_problems(form, refusal)
            return self._correct_page(place, form), _status(refusal)
        flash(_("Corrected; the old number stays beside it."), "success")
        return redirect(place.href("ScoreView.sheet"))

    def _correct_page(self, place: Place, form: CorrectForm) -> Any:
        unit = _unit(place)
        if frozen_sheet(site_id=place.site.id, month=place.month) is None:
            flash(sentence(Refusal(Code.SHEET_NOT_FROZEN)), "warning")
            return redirect(place.href("ScoreView.sheet"))
        form.fill(unit)
        form.mark_required(("item", "points", "reason"))
        return self._form(place, form, _("Correct a score"), f"{place.word}　{unit.name}")

    def _form(self, place: Place, form: MoveForm, title: str, about: str) -> str:
        return self.render_template(
            "scores/form.html", title=title, form=form, about=about,
            back=place.href("ScoreView.sheet"),
        )  # fmt: skip


def _freeze(place: Place, mark: str) -> None:
    with unit_of_work():
        hold(place.site.id)
        sheet, at = sheet_of(place.site, period=place.period), now()
        require_freezable(
            site_id=place.site.id, month=place.month, scheme=sheet.scheme, by=g.user, now=at
        )
        if sheet.mark != mark:
            raise Refusal(Code.SCORES_CHANGED)
        freeze(
            site_id=place.site.id, month=place.month, scheme=sheet.scheme, counted=sheet.units,
            by=g.user, now=at,
        )  # fmt: skip


def _exclusion(place: Place, key: int) -> ScoreExclusion:
    row = db.session.get(ScoreExclusion, key) if is_key(key) else None
    if row is None or (row.site_id, row.month) != (place.site.id, place.month):
        raise Refusal(Code.NOT_FOUND)
    return row


def _asked_record() -> tuple[ScoreKind, int]:
    key = request.args.get("record", "")
    return kind_of(request.args.get("kind", "")), (int(key) if is_key(key) else abort(404))


def _unit(place: Place) -> UnitScore:
    """Return the line that the address names."""
    key = request.args.get("unit", "")
    unit = place.sheet().unit(int(key)) if is_key(key) and not sees_frozen_only() else None
    return unit or abort(404)


def _preset(place: Place) -> dict[str, str]:
    """Return the number that the address names as the form's first choice."""
    name, unit = request.args.get("kind", ""), _unit(place)
    cell = unit.cell(kind_of(name)) if name else None
    return {"item": f"{name}:{shown(cell.points)}" if cell else f"{TOTAL}:{shown(unit.total)}"}


def _status(refusal: Refusal) -> HTTPStatus:
    return STATUS.get(refusal.code, HTTPStatus.UNPROCESSABLE_ENTITY)


def _raise(error: Exception) -> Refusal:
    raise error


def register(appbuilder: AppBuilder) -> None:
    """Add the changes; the sheet leads there."""
    appbuilder.add_view_no_menu(ScoreWriteView)
