"""The REST interface for other systems: shut unless BANJIE_API opens it, and then as strict as the
pages: the same door to a case, the same moves, the same words (ADR 0034).
"""

from flask import current_app
from flask_appbuilder import AppBuilder


def register(appbuilder: AppBuilder) -> None:
    """Add the resources where the setting asks for them; without it no address begins with /api."""
    if not current_app.config["SETTINGS"].api:
        return
    from app.views.api.cases import CaseApi
    from app.views.api.document import DocumentApi
    from app.views.api.entries import CaseEntryApi
    from app.views.api.figures import FigureApi
    from app.views.api.moves import CaseMoveApi
    from app.views.api.slips import SlipApi
    from app.views.api.tokens import TokenApi
    from app.views.api.units import UnitApi

    for resource in (
        TokenApi, CaseApi, CaseEntryApi, CaseMoveApi, SlipApi, UnitApi, FigureApi, DocumentApi,
    ):  # fmt: skip
        appbuilder.add_api(resource)
