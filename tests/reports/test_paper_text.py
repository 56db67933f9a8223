"""What a cell of a printed form holds: never smaller than 五号, the rest on the 附页."""

import pytest

from app.reports.paper_text import BIGGEST, CONTINUED, SMALLEST, fit, lines_needed
from app.reports.papers.folder import CASE_FORMS
from app.reports.papers.office import REJECTION, VISIT
from app.reports.papers.parts import Form, annex_pages, least_height, room_for_rows

CELL = {"width_mm": 124.0, "height_mm": 62.0}
SENTENCE = "扩建厂房属限额以下工程未办施工许可，竣工备案无法受理。"  # 26 characters


def test_short_text_stands_at_xiaosi() -> None:
    fitted = fit(f"  {SENTENCE}\n", **CELL)
    assert (fitted.text, fitted.points, fitted.is_continued) == (SENTENCE, BIGGEST, False)


def test_longer_text_shrinks_once_and_is_whole() -> None:
    text = SENTENCE * 11
    fitted = fit(text, **CELL)
    assert (fitted.text, fitted.points, fitted.is_continued) == (text, SMALLEST, False)


def test_text_that_does_not_fit_is_continued_never_shrunk() -> None:
    fitted = fit(SENTENCE * 40, **CELL)
    assert fitted.points == SMALLEST
    assert fitted.is_continued
    assert fitted.text.endswith(CONTINUED)
    assert (SENTENCE * 40).startswith(fitted.text.removesuffix(CONTINUED))


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("一二三四", 2), ("一二三\n四", 2), ("abcd", 1)]
)
def test_half_width_counts_half(text: str, lines: int) -> None:
    assert lines_needed(text, 3) == lines


@pytest.mark.parametrize("form", [*CASE_FORMS, VISIT, REJECTION], ids=lambda form: form.key)
def test_empty_form_leaves_room_to_grow_on_its_sheet(form: Form) -> None:
    assert sum(least_height(row) for row in form.rows) <= room_for_rows(form)


def test_cut_falls_behind_a_stop_and_loses_nothing() -> None:
    fitted = fit(SENTENCE * 40, **CELL)
    assert fitted.text.removesuffix(CONTINUED).endswith(("。", "，"))
    assert fitted.text.removesuffix(CONTINUED) + fitted.rest == SENTENCE * 40


def test_annex_is_paged_and_loses_nothing() -> None:
    pages = annex_pages([("一", SENTENCE * 200), ("二", ""), ("三", "短")])
    assert len(pages) > 1
    joined: dict[str, str] = {}
    for page in pages:
        for label, part in page:
            joined[label] = joined.get(label, "") + part
    assert joined == {"一": SENTENCE * 200, "三": "短"}
