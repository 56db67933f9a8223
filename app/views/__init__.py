"""The screens: everything a person sees and presses."""

from flask_appbuilder import AppBuilder

# The view behind "/"; None is FAB's own.
INDEX_VIEW: type | None = None


def register(appbuilder: AppBuilder) -> None:
    """Add every view to the menu of `appbuilder`."""
