"""What leaves by mail is said in the words of the pages, and whole numbers of it."""

from flask import Flask
from flask_babel import force_locale

from app.reports.figures import COHORTS
from app.reports.mail_words import FIGURE_WORDS, HOLE_WORDS, WAITING_WORDS, tally
from app.reports.waiting import STEPS
from app.views import health
from app.views.list_words import figure_word, waiting_word


def test_words_are_those_of_the_pages(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh"):
        assert {key: waiting_word(key) for key in STEPS} == WAITING_WORDS
        assert {key: figure_word(key) for key in COHORTS} == FIGURE_WORDS
        assert {key: str(words) for key, words in health.HOLE_WORDS.items()} == HOLE_WORDS


def test_tally_leaves_out_what_is_none() -> None:
    assert tally([("待交办", 2), ("待签收", 0), ("办理中", 1)]) == "待交办2件、办理中1件"
    assert tally([]) == ""
