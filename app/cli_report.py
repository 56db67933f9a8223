"""`flask --app run report …`: figures and papers by command, as of an instant."""

from flask.cli import AppGroup

from app.report_indicators_command import indicators_command
from app.report_ledger_command import ledger_command
from app.report_monthly_command import monthly_command

commands = AppGroup("report", help="指标、台账、月度通报。")
for command in (indicators_command, ledger_command, monthly_command):
    commands.add_command(command)
