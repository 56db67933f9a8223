"""The screens: everything a person sees and presses.

Each module here that has a function `register(appbuilder)` is found and called; what stands in the
menu, and in which order, is said once in app/views/menu.py.
"""

from importlib import import_module
from pkgutil import iter_modules

from flask_appbuilder import AppBuilder

from app.views.home import HomeView

# The view behind "/".
INDEX_VIEW = HomeView
# Registered by create_app itself, on the application.
APART = {"errors", "menu"}


def register(appbuilder: AppBuilder) -> None:
    """Add every view (with add_view_no_menu), then lay out the menu over them."""
    from app.views import menu, permission_words

    for module in iter_modules(__path__):
        if module.name not in APART:
            add = getattr(import_module(f"{__name__}.{module.name}"), "register", None)
            if add is not None:
                add(appbuilder)
    menu.lay_out(appbuilder)
    permission_words.give_words(appbuilder)
