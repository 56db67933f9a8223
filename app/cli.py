"""The commands `flask --app run …`: every module app/cli_<group>.py brings its `commands`."""

from getpass import getuser
from importlib import import_module
from pkgutil import iter_modules
from socket import gethostname

import click
from flask import Flask

import app as package
from app.actions import audit


def register(app: Flask) -> None:
    """Add every group, itself a click command or group."""
    audit.doer.set(_by_command)
    for module in iter_modules(package.__path__):
        if module.name.startswith("cli_"):
            app.cli.add_command(import_module(f"app.{module.name}").commands)


def _by_command() -> audit.Doer:
    """Return who runs a command, as the operating system knows him; no command, the system."""
    context = click.get_current_context(silent=True)
    if context is None:
        return audit.SYSTEM
    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "未知用户"
    return audit.Doer(name=f"命令行（{user}）", address=gethostname(), browser=context.command_path)
