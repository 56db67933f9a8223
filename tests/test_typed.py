"""What a person typed: nothing invisible stays in a form's text, everything else does."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField, TextAreaField

from app.fab.forms import OfficeForm
from app.typed import escaped, seen

UNSEEN = (
    "\x00\x01\x08\x0e\x1b\x7f\x80\x9f\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ud83d\U000e0041"
)
KEPT = "甲，〇㐀𠮷 Ａ-b’“”—…①℃ 葛\U000e0100é"


class Entry(OfficeForm):
    title = StringField()
    story = TextAreaField()
    password = PasswordField()


def filled(app: Flask, **values: str) -> Any:
    with app.test_request_context("/", method="POST"):
        return Entry(formdata=MultiDict(values), meta={"csrf": False})


@pytest.mark.parametrize("character", UNSEEN, ids=lambda c: f"U+{ord(c):04X}")
def test_character_that_nobody_sees_is_left_out(character: str) -> None:
    assert seen(f"张{character}三") == "张三"
    assert escaped(f"张{character}三").isprintable()


def test_what_everybody_sees_stays() -> None:
    assert seen(KEPT) == KEPT
    assert escaped(KEPT.replace("\U000e0100", "")) == KEPT.replace("\U000e0100", "")


def test_long_text_keeps_its_lines_and_a_short_one_has_none(app: Flask) -> None:
    typed = "甲\r\n乙\t丙\u2028丁\u202e"
    form = filled(app, title=typed, story=typed, password=f"口\u200b令{typed}")
    assert form.story.data == "甲\r\n乙\t丙\n丁"
    assert form.title.data == "甲 乙 丙 丁"
    assert form.password.data == f"口\u200b令{typed}"
