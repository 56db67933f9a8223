"""`python run.py` serves the office; `run:app` is for any WSGI server and for `flask --app run`."""

import sys

from app import create_app, logs
from config import Mode, Settings, make_key_file


def _settings() -> Settings:
    """Return the settings; an office that is opened or comes back from a backup gets its key.

    `flask --app run setup` is about the real office; a backup says itself whose it is.
    """
    is_setup, is_restore = "setup" in sys.argv, "restore" in sys.argv
    if not is_setup and not is_restore:
        return Settings.read()
    settings = Settings.read(env=Mode.OFFICE) if is_setup else Settings.read()
    if not settings.secret_key and not settings.is_demo:
        make_key_file(settings)
    return settings


app = create_app(_settings())

if __name__ == "__main__":
    from app import server

    settings: Settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    sys.exit(server.serve(app, settings))
