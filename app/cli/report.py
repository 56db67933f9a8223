"""`flask --app run report …`: figures and papers by command, as of an instant."""

from flask.cli import AppGroup

from app.cli.report_indicators import indicators_command
from app.cli.report_ledger import ledger_command
from app.cli.report_monthly import monthly_command

commands = AppGroup("report", help="指标、台账、月度通报。")
for command in (indicators_command, ledger_command, monthly_command):
    commands.add_command(command)
