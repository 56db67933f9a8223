"""一事一档: the papers of a case in the order of the 目录 (§3.5), with the directory on top."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.attachable import PaperKind
from app.domain.rules import Rules
from app.domain.words import word
from app.models import Attachment, Case
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
LONGEST_NAME = 24


@dataclass(frozen=True)
class Line:
    """One line of the directory."""

    no: int
    name: str
    day: str
    pages: int | None
    remark: str


Material = Paper | Attachment


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


def folder(
    case: Case, *, reporter: str, phone: str, rules: Rules, scans: Iterable[Attachment] = ()
) -> list[Paper]:
    """Return the directory and, behind it, every paper; scans are named, each after its paper."""
    kept = [scan for scan in scans if not scan.is_void]
    materials = list(_materials(case, reporter, phone, rules, kept))
    lines = [_line(n, found, when, case) for n, (found, when) in enumerate(materials, 1)]
    title = title_lines(case.site.head, DIRECTORY, points=18)
    sheets = [
        Paper("directory", DIRECTORY, case.ledger_no or "",
              {"case": case, "title": title, "lines": part})
        for part in _parts(lines)
    ]  # fmt: skip
    return [*sheets, *(found for found, _when in materials if isinstance(found, Paper))]


def _line(number: int, found: Material, when: str, case: Case) -> Line:
    if isinstance(found, Attachment):
        return Line(number, _scan_name(found), when, found.pages, f"电子附件{found.id}")
    name = found.title if found.kind != "slip" else "事项交办单（存根）"
    remark = found.number if found.number != case.ledger_no else ""
    return Line(number, name, when, found.pages, remark)


def _scan_name(scan: Attachment) -> str:
    """Return the paper that was scanned; of others the name of the file, cut to a line or two."""
    if scan.paper is not PaperKind.OTHER:
        return f"{word(scan.paper)}（扫描件）"
    name = scan.name.removesuffix(f".{scan.kind}")
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), LINES_A_PAGE):
        yield lines[start : start + LINES_A_PAGE]


def _materials(
    case: Case, reporter: str, phone: str, rules: Rules, scans: list[Attachment]
) -> Iterator[tuple[Material, str]]:
    """Yield each paper with its date: 台账 → 交办单 → 说明 → 延期 → 研究 → 答复 → 评价 → 其他."""
    yield ledger(case, reporter=reporter, phone=phone, rules=rules), day(case.registered_at)
    yield from _scanned(scans, PaperKind.LEDGER)
    for row in sorted(case.slips, key=lambda s: (s.year_no, s.slip_no)):
        yield slip(row, rules=rules, only_stub=True), day(row.issued_at)
    yield from _scanned(scans, PaperKind.SLIP)
    yield from _filled(case, BEFORE_ANSWER, scans)
    if is_told(case):
        yield finished_letter(case, reporter=reporter), day(case.finished_at)
    yield from _scanned(scans, PaperKind.LETTER)
    yield from _filled(case, AFTER_ANSWER, scans)
    yield from _scanned(scans, PaperKind.REJECTION)
    yield from _scanned(scans, PaperKind.OTHER)


def _scanned(scans: list[Attachment], paper: PaperKind) -> Iterator[tuple[Material, str]]:
    return ((scan, day(scan.attached_at)) for scan in scans if scan.paper is paper)


DATED = ("written_at", "met_at", "applied_at", "asked_at", "evaluated_at", "called_at",
         "requested_at", "issued_at")  # fmt: skip


def _filled(
    case: Case, forms: tuple[Form, ...], scans: list[Attachment]
) -> Iterator[tuple[Material, str]]:
    for form in forms:
        for record in form.records(case):
            when = next((at for name in DATED if (at := getattr(record, name, None))), None)
            yield fill(form, Subject(record, case), site=case.site), day(when)
        yield from _scanned(scans, PaperKind(form.key))
