"""`python run.py` serves the office; `run:app` is for any WSGI server and for `flask --app run`."""

import sys

from app import create_app, logs
from config import Mode, Settings, make_key_file


def _settings() -> Settings:
    """Return the settings; `flask --app run setup` is about the real office and makes its key."""
    if "setup" not in sys.argv:
        return Settings.read()
    settings = Settings.read(env=Mode.OFFICE)
    if not settings.secret_key:
        make_key_file(settings)
    return settings


app = create_app(_settings())

if __name__ == "__main__":
    from app import server

    settings: Settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    sys.exit(server.serve(app, settings))
