"""`flask --app run report …`: figures and papers by command, as of an instant."""

from flask.cli import AppGroup

commands = AppGroup("report", help="指标、台账、月度通报。")
