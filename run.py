"""`python run.py` serves the office; `run:app` is for any WSGI server and for `flask --app run`."""

import sys

from app import create_app, logs
from config import Settings

app = create_app()

if __name__ == "__main__":
    from app import server

    settings: Settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    sys.exit(server.serve(app, settings))
