"""考核规则: what each occurrence is worth, from which month on; shipped empty (D-27)."""

import datetime as dt
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, ValidationError

from app.actions.score_rules import (
    frozen_months,
    has_rules,
    load_example,
    scheme_value,
    schemes,
    set_rules,
)
from app.clock import now
from app.domain.scoring import EMPTY, NOUGHT, Rule, Scheme, read_points, shown
from app.domain.states import ScoreKind
from app.fab.fields import Text
from app.models import ScoreScheme, Site
from app.reports.period import Period, month_of, named
from app.unit_of_work import unit_of_work
from app.views.forms.parts import LateChoice, MoveForm
from app.views.messages import sentence
from app.views.moment import moment
from app.views.moves import put_problems, refusal_of
from app.views.score_parts import Place, ScorePage, site_of
from app.views.statistics_scope import period_word

MONTHS_BACK = 12


class PointsField(StringField):
    """Points with two decimals at most; an empty field is None."""

    widget = Text()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators or [], **kwargs)
        self.render_kw = {"inputmode": "decimal", "maxlength": 12}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else shown(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = read_points(text)
            except ValueError:
                raise ValidationError(
                    _("Points have two decimals at most, such as -0.5.")
                ) from None


class _RulesForm(MoveForm):
    """The base and the months; the rules' own fields are added below, one row a kind."""

    valid_from = LateChoice(_l("Valid from"), [InputRequired()])
    base = PointsField(_l("Base points a month"), [InputRequired()])
    is_floored = BooleanField(_l("No total below 0"))

    def rules(self) -> list[Rule]:
        """Return the rules as filled in."""
        return [
            Rule(
                kind,
                self[f"points_{kind.value}"].data or NOUGHT,
                self[f"cap_{kind.value}"].data,
                bool(self[f"on_{kind.value}"].data),
            )
            for kind in ScoreKind
        ]


RulesForm = type(
    "RulesForm",
    (_RulesForm,),
    {f"points_{kind.value}": PointsField(_l("Points each")) for kind in ScoreKind}
    | {f"cap_{kind.value}": PointsField(_l("At most a month")) for kind in ScoreKind}
    | {f"on_{kind.value}": BooleanField(_l("Switched on")) for kind in ScoreKind},
)


class ScoreRulesView(ScorePage):
    """One page: the rules in force, to be read by whoever sees the sheets."""

    route_base = "/scores"
    default_view = "rules"

    @expose("/<int:site_id>/rules", methods=["GET"])
    @has_access
    def rules(self, site_id: int) -> Any:
        """Show the rules in force, the latest that were set."""
        site = site_of(site_id)
        row = _latest(site)
        form = RulesForm(formdata=None, data=_data(scheme_value(row) if row else EMPTY))
        return self._page(site, form)

    @expose("/<int:site_id>/rules", methods=["POST"])
    @has_access
    @permission_name("write")
    def save(self, site_id: int) -> Any:
        """Set them from a month on."""
        site, form = site_of(site_id), RulesForm()
        form.valid_from.fill(_choices(site))
        if not form.validate():
            return self._page(site, form), HTTPStatus.UNPROCESSABLE_ENTITY
        base = form.base.data if form.base.data is not None else Decimal(0)
        try:
            with unit_of_work():
                set_rules(
                    site_id=site_id, valid_from=dt.date.fromisoformat(form.valid_from.data),
                    base=base, rules=form.rules(), is_floored=bool(form.is_floored.data),
                    by=g.user, now=now(),
                )  # fmt: skip
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            put_problems(form, refusal)
            return self._page(site, form), HTTPStatus.UNPROCESSABLE_ENTITY
        flash(_("Saved."), "success")
        return redirect(url_for("ScoreRulesView.rules", site_id=site_id))

    @expose("/<int:site_id>/rules/example", methods=["POST"])
    @has_access
    @permission_name("write")
    def example(self, site_id: int) -> Any:
        """Load the example with every rule off, valid from the first month that can be chosen."""
        site = site_of(site_id)
        try:
            with unit_of_work():
                load_example(
                    site_id=site.id, valid_from=moment().now.date().replace(day=1), by=g.user,
                    now=now(),
                )  # fmt: skip
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            flash(sentence(refusal), "warning")
        else:
            flash(_("The example is loaded; every rule is switched off."), "success")
        return redirect(url_for("ScoreRulesView.rules", site_id=site_id))

    def _page(self, site: Site, form: Any) -> str:
        form.valid_from.fill(_choices(site))
        form.mark_required(("valid_from", "base"))
        return self.render_template(
            "scores/rules.html", site=site, form=form, kinds=list(ScoreKind), latest=_latest(site),
            history=sorted(schemes(site.id), key=lambda row: -row.id), period_word=_word,
            place=Place(site, month_of(moment().now)),
            has_rules=has_rules(site.id), is_bound=request.method == "POST",
        )  # fmt: skip


def _latest(site: Site) -> ScoreScheme | None:
    """Return what is to hold latest, which the next change begins with."""
    return next(iter(schemes(site.id)), None)


def _data(scheme: Scheme) -> dict[str, Any]:
    month = month_of(moment().now).start.date().isoformat()
    data = {"base": scheme.base, "is_floored": scheme.is_floored, "valid_from": month}
    for rule in scheme.rules:
        data[f"points_{rule.kind.value}"] = rule.points
        data[f"cap_{rule.kind.value}"] = rule.cap
        data[f"on_{rule.kind.value}"] = rule.is_on
    return data


def _choices(site: Site) -> list[tuple[str, str]]:
    """Return the months from which rules may hold: not frozen ones, up to the next month."""
    latest, frozen = month_of(moment().now).shifted(1), frozen_months(site.id)
    periods = [latest.shifted(-back) for back in range(MONTHS_BACK + 2)]
    return [
        (period.start.date().isoformat(), period_word(period))
        for period in periods
        if period.start.date() not in frozen
    ]


def _word(month: dt.date) -> str:
    period: Period = named(f"{month:%Y-%m}", now=moment().now)
    return period_word(period)


def register(appbuilder: AppBuilder) -> None:
    """Add the page."""
    appbuilder.add_view_no_menu(ScoreRulesView)
