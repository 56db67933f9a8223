"""Every generated screen of the application stands on the safe base and says its own words."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_appbuilder.baseviews import BaseModelView
from flask_babel import force_locale

from app.extensions import db
from app.fab.permissions import permission_label, view_label
from app.fab.views import SafeViewMixin
from tests.databases import make_app


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application as registered; its database is never opened."""
    folder = tmp_path_factory.mktemp("views")
    app = make_app(f"sqlite:///{folder}/none.db", folder)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_model_views_stand_on_the_safe_base(registered: Flask) -> None:
    views = [v for v in registered.appbuilder.baseviews if isinstance(v, BaseModelView)]
    assert views
    assert not [type(v).__name__ for v in views if not isinstance(v, SafeViewMixin)]


def test_model_views_declare_search_columns_labels_and_title(registered: Flask) -> None:
    missing = {
        type(view).__name__: view.missing_declarations()
        for view in registered.appbuilder.baseviews
        if isinstance(view, SafeViewMixin) and view.missing_declarations()
    }
    assert not missing


def test_permissions_of_all_views_have_words(registered: Flask) -> None:
    builder = registered.appbuilder
    with registered.test_request_context("/"), force_locale("zh"):
        wordless = {
            f"{view.class_permission_name}.{name}"
            for view in builder.baseviews
            for name in view.base_permissions or ()
            if permission_label(builder, view.class_permission_name, name) == name
            or view_label(builder, view.class_permission_name) == view.class_permission_name
        }
    assert not wordless


def test_no_address_of_the_frameworks_api_is_open(registered: Flask) -> None:
    """Its log-in is never limited, and its lists are scoped by nobody here."""
    rules = [rule.rule for rule in registered.url_map.iter_rules()]
    assert not [rule for rule in rules if rule.startswith(("/api/", "/swagger", "/users/api"))]
    assert not [rule for rule in rules if "download" in rule and "<string:filename>" in rule]
