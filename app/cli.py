"""The commands `flask --app run …`: every module app/cli_<group>.py brings its `commands`."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask

import app as package


def register(app: Flask) -> None:
    """Add every group, itself a click command or group."""
    for module in iter_modules(package.__path__):
        if module.name.startswith("cli_"):
            app.cli.add_command(import_module(f"app.{module.name}").commands)
