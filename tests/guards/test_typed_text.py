"""What a person typed is never markup, SQL, code or a formula: every place that might make it."""

import ast
import re
from collections.abc import Iterator

from config import ROOT
from tests.guards.code import imports, modules, name, tree

# Marked as markup though it is no literal, with the reason.
MARKED = {
    "app/views/charts.py": "drawn by lxml, which escapes every text",
    "app/views/discreet.py": "what was escaped before, less names and numbers",
}
# SQL that is put together, with the reason.
COMPOSED = {
    "app/actions/sealing.py": "names of our own tables",
    "app/backup/build_postgresql.py": "the name of its own table",
    "app/reports/past.py": "names of its own temporary tables",
}
# Writers of tables, with the reason why nothing typed becomes a formula there.
TABLES = {
    "app/reports/audit_xlsx.py": "plain() before every text",
    "app/reports/ledger_xlsx.py": "plain() before every text",
    "app/reports/score_xlsx.py": "plain() before every text",
    "app/reports/monthly/xlsx.py": "plain() before every text",
    "app/import_desk.py": "plain() before names; the password is drawn by the program",
    "app/reports/import_template.py": "the program's own words only",
    "app/csv_filter.py": "answers of the calendar; an id goes back to who sent it",
    "app/demo/office.py": "the demo's own made-up people",
}
MAKERS = ("xlsxwriter.Workbook", "csv.writer", "csv.DictWriter", "openpyxl.Workbook")
SAFE = re.compile(r"\{\{([^{}]*)\|\s*safe\b")
# A widget renders a template of its own, which escapes.
WIDGET = re.compile(r"\s*(widgets\.\w+|widget|notices)\([^()]*\)\s*")


def called(path: object) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def is_literal(call: ast.Call) -> bool:
    return not call.args or (
        isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    )


def test_markup_is_made_of_literals_only() -> None:
    made = {
        f"{name(path)}:{call.lineno}"
        for path in modules("app")
        for func, call in called(path)
        if func.split(".")[-1] == "Markup" and not is_literal(call)
    }
    assert {place.split(":")[0] for place in made} == set(MARKED), made


def test_templates_trust_widgets_only() -> None:
    trusted, widgets = [], 0
    for path in sorted((ROOT / "app/templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert "autoescape" not in text, path
        for found in SAFE.finditer(text):
            widgets += 1
            if not WIDGET.fullmatch(found[1]):
                trusted.append(f"{name(path)}: {found[0]}")
    assert widgets
    assert not trusted


def test_templates_and_scripts_have_no_inline_code() -> None:
    inline = re.compile(
        r"\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\b(?:src|nonce)=)", re.I
    )
    found = [
        f"{name(path)}: {match[0]}"
        for path in sorted((ROOT / "app/templates").rglob("*.html"))
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_scripts_write_markup_only_from_the_server() -> None:
    """One place: the earlier matters of a phone, a piece of page that the server escaped."""
    writes = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    )
    found = [
        f"{name(path)}: {match[0]}"
        for path in sorted((ROOT / "app/static").rglob("*.js"))
        for match in writes.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == ["app/static/js/case.js: innerHTML"]


def test_sql_is_never_put_together() -> None:
    composed = {
        f"{name(path)}:{call.lineno}"
        for path in modules("app")
        for func, call in called(path)
        if (func.split(".")[-1] == "exec_driver_sql" or _is_sql_text(path, func))
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
    }
    assert {place.split(":")[0] for place in composed} == set(COMPOSED), composed


def _is_sql_text(path: object, func: str) -> bool:
    if func in ("sa.text", "sqlalchemy.text", "db.text", "literal_column", "sa.literal_column"):
        return True
    if func != "text" or "sqlalchemy" not in set(imports(path)):
        return False
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "sqlalchemy"
        and any(alias.name == "text" for alias in node.names)
        for node in ast.walk(tree(path))
    )


def test_no_code_is_run_from_text() -> None:
    forbidden = {"eval", "exec", "pickle.loads", "yaml.load", "os.system", "render_template_string"}
    runs = {
        f"{name(path)}:{call.lineno}"
        for path in modules("app")
        for func, call in called(path)
        if func in forbidden
        or any(key.arg == "shell" and ast.unparse(key.value) == "True" for key in call.keywords)
    }
    assert not runs


def test_every_writer_of_tables_is_known() -> None:
    makers = {
        name(path) for path in modules("app") for func, _call in called(path) if func in MAKERS
    }
    assert makers == set(TABLES)


def test_every_workbook_takes_texts_for_texts() -> None:
    """merge_range() and write() look at a text unless the workbook is told not to."""
    for path in modules("app"):
        for func, call in called(path):
            if func == "xlsxwriter.Workbook":
                source = path.read_text(encoding="utf-8")
                assert '"strings_to_formulas": False' in source, f"{name(path)}:{call.lineno}"
