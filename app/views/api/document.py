"""GET /api/v1/openapi.json: what the interface takes, answers and refuses, from itself."""

from typing import Any

from flask import current_app
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.fab.api import SafeApi, answer, described
from app.fab.openapi import Operation, document, object_of
from app.views.api.base import OfficeApi
from app.views.api.cases import move_answer, one_case
from app.views.api.shapes import CASE, SLIP, UNIT


def api_document() -> dict[str, Any]:
    """Return the document of the resources that are registered."""
    apis = [view for view in current_app.appbuilder.baseviews if isinstance(view, SafeApi)]
    words = _(
        "For other systems of the office. Every request carries a token of a person and sees and"
        " does what that person may at this moment; names and numbers come masked. Times are"
        " those of Beijing with their zone."
    )
    schemas = {
        "Case": object_of(CASE), "CaseFacts": one_case(), "Slip": object_of(SLIP),
        "Unit": object_of(UNIT), "MoveAnswer": move_answer(),
    }  # fmt: skip
    return document(apis, title=_("Banjie interface"), description=words, schemas=schemas)


class DocumentApi(OfficeApi):
    """The document, for whoever has a token."""

    route_base = "/api/v1/openapi.json"
    class_permission_name = "ApiTokenView"
    openapi_spec_tag = "openapi"

    @expose("", methods=["GET"])
    @permission_name("page")
    @described(Operation(_l("This document"), {"type": "object"}))
    def read_document(self) -> Any:
        """Return it."""
        return answer(api_document())
