"""POST and PATCH /api/v1/cases: 接待登记 and going on with a draft, by the facts of the form."""

from typing import Any

from flask import g, url_for
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.actions import intake as desk
from app.actions.intake import INTAKE_FIELDS, intake_values
from app.actions.moves import lock_case
from app.clock import now
from app.domain.api_tokens import ApiScope
from app.domain.refusals import Code, Refusal
from app.domain.states import Category
from app.fab.api import answer, described, key_of, read_body
from app.fab.openapi import Operation, ref
from app.unit_of_work import unit_of_work
from app.views.api.base import OfficeApi, problem_of
from app.views.api.body import read_form, schema_of, version_of
from app.views.api.cases import summary_of
from app.views.api.moves import made
from app.views.case_record import seen_case
from app.views.forms.intake import OWN_FIELDS, TEXTS, IntakeForm
from app.views.moves import scene_of
from app.views.scene import Scene, site_of

EXAMPLE = {"item_name": "慢病备案", "category": Category.NOT_ACCEPTED.value}


class CaseEntryApi(OfficeApi):
    """Writing down what somebody could not get done; it leaves the desk by a move."""

    route_base = "/api/v1/cases"
    class_permission_name = "IntakeView"
    openapi_spec_tag = "cases"

    @expose("", methods=["POST"])
    @permission_name("register")
    @described(Operation(
        _l("Register a case as a draft"), ref("MoveAnswer"), status=201, scope=ApiScope.CASES_WRITE,
        body=lambda: schema_of(IntakeForm, INTAKE_FIELDS, has_version=False), example=EXAMPLE,
        refusals=(404, 409),
    ))  # fmt: skip
    def register(self) -> Any:
        """Open a case with what is known so far."""
        body, site_id = read_body(), site_of(g.user)
        form = read_form(IntakeForm, body, Scene(site_id, g.user, now()), INTAKE_FIELDS)
        facts = form.facts() | _unticked(body)

        def step() -> int:
            with unit_of_work():
                case = desk.register(site_id=site_id, facts=facts, by=g.user, now=now())
                return int(case.id)

        case_id = made(step)
        place = url_for("CaseApi.read_case", case_id=case_id)
        facts_now = {"message": _("Saved."), "case": summary_of(case_id)}
        return answer(facts_now, 201, Location=place)

    @expose("/<int:case_id>", methods=["PATCH"])
    @permission_name("register")
    @described(Operation(
        _l("Change a draft"), ref("MoveAnswer"), scope=ApiScope.CASES_WRITE, keys=("case_id",),
        body=lambda: schema_of(IntakeForm, INTAKE_FIELDS, has_version=True), refusals=(409,),
        more=_l("What is left out stays as it is."),
    ))  # fmt: skip
    def change(self, case_id: int) -> Any:
        """Change what is named; refused once it has left the desk."""
        scene = scene_of(key_of(case_id))
        body = read_body()
        version = version_of(body)
        if scene.case is not None and scene.case.version != version:
            raise problem_of(Refusal(Code.STALE))
        form = read_form(IntakeForm, body, scene, INTAKE_FIELDS)
        given = {name: form[name].data for name in INTAKE_FIELDS if name in body}

        def step() -> None:
            with unit_of_work():
                seen_case(case_id, g.user)
                case = lock_case(case_id, seen_version=version)
                facts = _own(intake_values(case) | _kept(given))
                desk.save_draft(case, facts=facts, by=g.user, now=now())

        made(step)
        return answer({"message": _("Saved."), "case": summary_of(case_id)})


def _unticked(body: dict[str, Any]) -> dict[str, Any]:
    """A page shows 已告知 ticked at the start; a body that says nothing of it means the same."""
    return {} if "is_informed" in body else {"is_informed": True}


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    """Return what may stand in its column: an empty choice of these two means no change."""
    always = ("source", "reporter_type")
    return {n: v for n, v in given.items() if n not in always or v is not None}


def _own(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts without those of other categories."""
    own = OWN_FIELDS.get(facts["category"], ())
    others = {name for names in OWN_FIELDS.values() for name in names} - set(own)
    return facts | {name: "" if name in TEXTS else None for name in others}
