"""消息模板: the words of notices, as the office changed them or by default."""

import datetime as dt

from sqlalchemy import select

from app.domain.due_words import full_time
from app.domain.message_text import check_template, fill, public_item
from app.domain.notice_kinds import DEFAULT_TEMPLATES, NoticeKind, Template, Timing
from app.domain.rules import Rules
from app.domain.words import word
from app.extensions import db
from app.models import Account, Case, NoticeTemplate

Templates = dict[NoticeKind, Template]


def load_templates() -> Templates:
    """Return the words of every kind in force (one statement)."""
    changed = db.session.execute(select(NoticeTemplate)).scalars()
    own = {t.kind: Template(t.subject, t.text, t.is_mailed, t.timing) for t in changed}
    return DEFAULT_TEMPLATES | own


def set_template(
    kind: NoticeKind,
    *,
    subject: str,
    text: str,
    is_mailed: bool,
    timing: Timing,
    by: Account,
    now: dt.datetime,
) -> None:
    """Change the words of a kind; those of the default remove the office's own again.

    Raises Refusal(TEMPLATE_BROKEN) for broken braces and unknown placeholders.
    """
    subject, text = subject.strip(), text.strip()
    check_template(kind, subject=subject, text=text)
    row = db.session.get(NoticeTemplate, kind)
    if Template(subject, text, is_mailed, timing) == DEFAULT_TEMPLATES[kind]:
        if row is not None:
            db.session.delete(row)
        return
    row = row or NoticeTemplate(kind=kind)
    row.subject, row.text, row.is_mailed, row.timing = subject, text, is_mailed, timing
    row.changed_at, row.changed_by_id = now, by.id
    db.session.add(row)  # whole: reading `by` may flush


def values_for(case: Case, kind: NoticeKind, *, rules: Rules, message: str = "") -> dict[str, str]:
    """Return what the placeholders give for a case: no name, no phone, no narrative."""
    unit = case.lead_unit.name if case.lead_unit else ""
    return {
        "编号": case.ledger_no or "",
        "事项": item_of(case),
        "名称": word(kind),
        "承办窗口": unit,
        "应交办时间": _time(case.dispatch_due_at),
        "应办结时间": _time(case.due_at),
        "核实时限": _time(case.verify_due_at),
        "研究时限": str(rules.group_target_days),
        "状态": word(case.state),
        "服务场所": case.site.name,
        "消息": message,
    }


def item_of(case: Case) -> str:
    """Return the case's item as a message may carry it."""
    return public_item(case.item_name, (case.reporter_name, case.involved_person))


def _time(at: dt.datetime | None) -> str:
    return full_time(at) if at else ""


def render(template: Template, values: dict[str, str]) -> tuple[str, str]:
    """Return subject and text, each on one line and cut to what their columns hold."""
    subject = " ".join(fill(template.subject, values).split())
    text = "\n".join(line.strip() for line in fill(template.text, values).splitlines())
    return subject[:120], text[:600]
