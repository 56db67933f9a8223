"""一事一档: the papers of a case in the order of the 目录 (§3.5), with the directory on top."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.rules import Rules
from app.models import Case
from app.reports.papers.annexes import ledger, slip
from app.reports.papers.closing import BAD_REVIEW, CALLBACK, EVALUATION, finished_letter, is_told
from app.reports.papers.handling import EXPLANATION, EXTENSION, GROUP_REVIEW, RETURN
from app.reports.papers.office import INTERVIEW, NOTICE
from app.reports.papers.parts import Form, Paper, Subject, day, fill
from app.reports.papers.titles import title_lines

CASE_FORMS: tuple[Form, ...] = (
    EXPLANATION, EXTENSION, GROUP_REVIEW, EVALUATION, CALLBACK, RETURN, NOTICE, INTERVIEW,
    BAD_REVIEW,
)  # fmt: skip
FORMS = {form.key: form for form in CASE_FORMS}
BEFORE_ANSWER = (EXPLANATION, EXTENSION, GROUP_REVIEW)
AFTER_ANSWER = (EVALUATION, CALLBACK, RETURN, NOTICE, INTERVIEW, BAD_REVIEW)
LINES_A_PAGE = 20  # of the directory, a few of them with long names
DIRECTORY = "一事一档目录"


@dataclass(frozen=True)
class Line:
    """One line of the directory."""

    no: int
    name: str
    day: str
    pages: int
    remark: str


def case_forms(case: Case, form: Form, *, unit_id: int | None = None) -> list[Paper]:
    """Return the papers of one kind, a blank one where that makes sense.

    `unit_id` narrows what was done about units to one of them.
    """
    records = _records(case, form, unit_id)
    wanted = records or ([None] if form.is_wanted(case) else [])
    return [fill(form, Subject(record, case), site=case.site) for record in wanted]


def count_forms(case: Case, form: Form, *, unit_id: int | None = None) -> int | None:
    """Return how many filled ones there are, 0 for a blank one, None when it makes no sense."""
    return len(_records(case, form, unit_id)) or (0 if form.is_wanted(case) else None)


def _records(case: Case, form: Form, unit_id: int | None) -> list[object]:
    about_units = form in (NOTICE, INTERVIEW) and unit_id is not None
    return [r for r in form.records(case) if not about_units or r.unit_id == unit_id]


def folder(case: Case, *, reporter: str, phone: str, rules: Rules) -> list[Paper]:
    """Return the directory and, behind it, everything there is."""
    materials = list(_materials(case, reporter, phone, rules))
    lines = [
        Line(n, paper.title if paper.kind != "slip" else "事项交办单（存根）", when, paper.pages,
             paper.number if paper.number != case.ledger_no else "")
        for n, (paper, when) in enumerate(materials, 1)
    ]  # fmt: skip
    title = title_lines(case.site.head, DIRECTORY, points=18)
    sheets = [
        Paper("directory", DIRECTORY, case.ledger_no or "",
              {"case": case, "title": title, "lines": part})
        for part in _parts(lines)
    ]  # fmt: skip
    return [*sheets, *(paper for paper, _when in materials)]


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), LINES_A_PAGE):
        yield lines[start : start + LINES_A_PAGE]


def _materials(case: Case, reporter: str, phone: str, rules: Rules) -> Iterator[tuple[Paper, str]]:
    """Yield each paper with its date: 台账 → 交办单 → 说明 → 延期 → 研究 → 答复 → 评价 → 其他."""
    yield ledger(case, reporter=reporter, phone=phone, rules=rules), day(case.registered_at)
    for row in sorted(case.slips, key=lambda s: (s.year_no, s.slip_no)):
        yield slip(row, rules=rules, only_stub=True), day(row.issued_at)
    yield from _filled(case, BEFORE_ANSWER)
    if is_told(case):
        yield finished_letter(case, reporter=reporter), day(case.finished_at)
    yield from _filled(case, AFTER_ANSWER)


DATED = ("written_at", "met_at", "applied_at", "asked_at", "evaluated_at", "called_at",
         "requested_at", "issued_at")  # fmt: skip


def _filled(case: Case, forms: tuple[Form, ...]) -> Iterator[tuple[Paper, str]]:
    for form in forms:
        for record in form.records(case):
            when = next((at for name in DATED if (at := getattr(record, name, None))), None)
            yield fill(form, Subject(record, case), site=case.site), day(when)
