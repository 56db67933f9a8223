"""The commands `flask --app run …`; each group lives in its own module app/cli_<group>.py."""

from importlib import import_module

from flask import Flask

GROUPS = ("jobs",)


def register(app: Flask) -> None:
    """Add every group: the module's `commands` is a click command or group."""
    for group in GROUPS:
        app.cli.add_command(import_module(f"app.cli_{group}").commands)
