"""The commands `flask --app run …`: a module that brings `commands` is a group, under its name."""

from getpass import getuser
from importlib import import_module
from pkgutil import iter_modules
from socket import gethostname

import click
from flask import Flask

from app.actions.audit import SYSTEM, Doer, doer
from app.cli import closed


def register(app: Flask) -> None:
    """Add every group, itself a click command or group."""
    doer.set(_by_command)
    closed.close()
    for found in iter_modules(__path__):
        module = import_module(f"app.cli.{found.name}")
        if hasattr(module, "commands"):
            app.cli.add_command(module.commands)


def _by_command() -> Doer:
    """Return who runs a command, as the operating system knows him; no command, the system."""
    context = click.get_current_context(silent=True)
    if context is None:
        return SYSTEM
    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "未知用户"
    return Doer(name=f"命令行（{user}）", address=gethostname(), browser=context.command_path)
