"""`flask --app run docs …`: write the pages of docs/ that follow from the program's own tables."""

import click
from flask.cli import AppGroup

from app.reports.workflow_doc import workflow_markdown
from app.views.job_words import jobs_markdown
from app.views.role_matrix import permissions_markdown
from config import ROOT

commands = AppGroup("docs", help="写出由程序自身的表生成的文档页。")

PAGES = {
    "workflow.md": workflow_markdown,
    "permissions.md": permissions_markdown,
    "jobs.md": jobs_markdown,
}


@commands.command("write", help="写出 docs/ 中全部由程序生成的页面。")
def write() -> None:
    """Write every generated page into docs/."""
    for name, text in PAGES.items():
        (ROOT / "docs" / name).write_text(text(), encoding="utf-8")
        click.echo(f"docs/{name}")
