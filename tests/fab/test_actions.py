"""Row and bulk actions: POST with a token, own rows, open rows; all or none."""

from typing import Any

import pytest

LIST = "/bookview/list/"


@pytest.mark.parametrize("url", ["/bookview/action/lend/1", "/bookview/delete/1"])
def test_action_by_get_is_not_possible(browser: Any, stored: Any, url: str) -> None:
    assert browser().get(url).status_code == 405
    assert stored(1) is not None
    assert not stored(1).is_lent


@pytest.mark.parametrize("url", ["/bookview/action/lend/1", "/bookview/delete/1"])
def test_action_without_token_is_refused(browser: Any, stored: Any, url: str) -> None:
    assert browser().post(url).status_code == 400
    assert stored(1) is not None
    assert not stored(1).is_lent


def test_action_on_own_row_is_done_once(browser: Any, stored: Any) -> None:
    anna = browser()
    token = {"csrf_token": anna.token(LIST)}
    assert anna.post("/bookview/action/lend/1", data=token).status_code == 302
    assert stored(1).is_lent
    assert anna.post("/bookview/action/lend/1", data=token).status_code == 409


@pytest.mark.parametrize("url", ["/bookview/action/lend/2", "/bookview/delete/2"])
def test_action_on_anothers_row_is_not_found(browser: Any, stored: Any, url: str) -> None:
    anna = browser()
    assert anna.post(url, data={"csrf_token": anna.token(LIST)}).status_code == 404
    assert stored(2) is not None
    assert not stored(2).is_lent


@pytest.mark.parametrize("key", ["2", "0", "abc", "99999999999999999999999999"])
def test_record_outside_the_scope_is_not_found(browser: Any, key: str) -> None:
    anna = browser()
    for page in ("show", "edit"):
        assert anna.get(f"/bookview/{page}/{key}").status_code == 404
    edit = {"csrf_token": anna.token(LIST), "title": "改"}
    assert anna.post(f"/bookview/edit/{key}", data=edit).status_code == 404


def bulk(client: Any, *keys: int, action: str = "lend") -> int:
    data = {"csrf_token": client.token(LIST), "action": action, "rowid": [str(key) for key in keys]}
    return client.post("/bookview/action_post", data=data).status_code


def test_bulk_action_is_done_on_all_ticked_rows(browser: Any, stored: Any) -> None:
    assert bulk(browser(), 1, 3) == 302
    assert [stored(key).is_lent for key in (1, 3, 5)] == [True, True, False]


def test_bulk_action_with_anothers_row_changes_nothing(browser: Any, stored: Any) -> None:
    assert bulk(browser(), 1, 2) == 404
    assert not stored(1).is_lent


def test_bulk_action_with_a_closed_row_changes_nothing(browser: Any, stored: Any) -> None:
    anna = browser()
    bulk(anna, 1)
    assert bulk(anna, 3, 1) == 409
    assert not stored(3).is_lent


def test_bulk_action_unknown_or_without_rows_is_refused(browser: Any) -> None:
    assert bulk(browser(), 1, action="burn") == 404
    assert bulk(browser()) == 400


def test_action_without_permission_is_refused(browser: Any, stored: Any) -> None:
    nemo = browser("nemo")
    token = {"csrf_token": nemo.token("/")}
    assert nemo.post("/bookview/action/lend/1", data=token).status_code == 403
    assert not stored(1).is_lent


def test_log_out_is_by_post_only(browser: Any) -> None:
    anna = browser()
    assert anna.get("/logout/").status_code == 405
    assert anna.get(LIST).status_code == 200
    assert anna.post("/logout/", data={"csrf_token": anna.token(LIST)}).status_code == 302
    assert anna.get(LIST).status_code == 302
