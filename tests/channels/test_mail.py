"""E-mail against a real server: what arrives, and what each answer means."""

import pytest

from app.channels.letter import ATTEMPT_SECONDS, Outcome
from tests.channels.letters import TEXT, WRITTEN, letter, mail_to, trusting_nobody
from tests.smtp import (
    Authority,
    Post,
    free_port,
    hanging_after,
    mail_server,
    raw_server,
    resetting_after,
)


def test_letter_arrives_as_plain_text_with_its_own_name() -> None:
    post = Post()
    with mail_server(post) as port:
        answer = mail_to(port).deliver(letter())
    assert (answer.outcome, answer.reply) == (Outcome.ACCEPTED, "250 OK: queued as 4711")
    (arrived,) = post.letters
    assert arrived["Message-ID"] == "<0a1b@banjie>"
    assert arrived["Subject"] == "黄牌：2026-0101即将到期"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"].datetime == WRITTEN
    assert arrived["From"].addresses[0].display_name == "“办不成事”反映窗口"
    assert arrived["To"].addresses[0].addr_spec == "land_head@banjie.example"
    assert arrived.get_content_type() == "text/plain"
    assert arrived.get_content() == TEXT


def test_file_arrives_whole_under_its_chinese_name() -> None:
    post = Post()
    content = bytes(range(256)) * 400
    with mail_server(post) as port:
        mail_to(port).deliver(letter(file_name="2026年9月台账.xlsx", file_content=content))
    (attached,) = post.letters[0].iter_attachments()
    assert attached.get_filename() == "2026年9月台账.xlsx"
    assert attached.get_content_type().endswith("spreadsheetml.sheet")
    assert attached.get_content() == content


def test_line_breaks_make_no_second_header() -> None:
    post = Post()
    with mail_server(post) as port:
        mail_to(port).deliver(letter(subject="红牌\r\nBcc: a@b.example", name="甲\nX-Evil: 1"))
    (arrived,) = post.letters
    assert (arrived["Bcc"], arrived["X-Evil"]) == (None, None)
    assert arrived["Subject"] == "红牌 Bcc: a@b.example"


@pytest.mark.parametrize("fold", ["\r\n", "\n", "\r", "\r\n ", "\n\t", "\u2028", "\x0b", "\x85"])
def test_no_break_or_fold_makes_a_header_or_a_second_mail(fold: str) -> None:
    evil = f"甲{fold}Bcc: a@b.example{fold}{fold}.{fold}MAIL FROM:<x@y.example>"
    post = Post()
    with mail_server(post) as port:
        hostile = {"subject": evil, "name": evil, "body": evil, "file_name": f"{evil}.xlsx"}
        mail_to(port).deliver(letter(**hostile, file_content=b"x"))
    (arrived,) = post.letters
    known = {"from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version",
             "content-type", "x-mailfrom", "x-rcptto", "x-peer", "x-to"}  # fmt: skip
    assert {header.lower() for header in arrived} <= known
    assert [one.addr_spec for one in arrived["To"].addresses] == [arrived["X-To"]]
    assert arrived["X-To"] == "land_head@banjie.example"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@c.example", "a@c.example\r\nRCPT TO:<x@y>", "<a@c.example>",
                "甲@c.example", "a@c.example,b@c.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_a_server_sees_it(address: str) -> None:
    answer = mail_to(free_port()).deliver(letter(address=address))
    assert (answer.outcome, answer.is_down) == (Outcome.REFUSED, False)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"mail_reply": "550 5.7.1 sender unknown here"}, Outcome.REFUSED),
        ({"mail_reply": "451 4.7.1 come back later"}, Outcome.FAILED),
        ({"rcpt_replies": {"land_head@banjie.example": "550 5.1.1 no such user"}}, Outcome.REFUSED),
        ({"rcpt_replies": {"land_head@banjie.example": "450 4.2.1 greylisted"}}, Outcome.FAILED),
        ({"rcpt_replies": {"land_head@banjie.example": "421 4.3.2 closing"}}, Outcome.FAILED),
        ({"data_reply": "554 5.6.0 looks like spam"}, Outcome.REFUSED),
        ({"data_reply": "452 4.3.1 disk full"}, Outcome.FAILED),
    ],
)
def test_refusal_is_final_or_not_and_kept_word_for_word(fault: dict, outcome: Outcome) -> None:
    post = Post(**fault)
    with mail_server(post) as port:
        answer = mail_to(port).deliver(letter())
    said = fault.get("mail_reply") or fault.get("data_reply")
    expected = said or fault["rcpt_replies"]["land_head@banjie.example"]
    assert (answer.outcome, answer.reply, answer.is_down) == (outcome, expected, False)
    assert post.letters == []


def test_one_recipient_refused_leaves_the_other_alone() -> None:
    post = Post(rcpt_replies={"gone@banjie.example": "550 5.1.1 no such user"})
    with mail_server(post) as port:
        mail = mail_to(port)
        first = mail.deliver(letter(address="gone@banjie.example", message_id="<1@banjie>"))
        second = mail.deliver(letter(message_id="<2@banjie>"))
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.ACCEPTED)
    assert post.ids == ["<2@banjie>"]


def test_reply_lost_after_data_is_tried_again_under_the_same_name() -> None:
    post = Post(is_reply_lost=True)
    with mail_server(post) as port:
        mail = mail_to(port)
        assert mail.deliver(letter()).outcome is Outcome.FAILED
        assert len(post.letters) == 1  # yagmail's own send() would have handed in three
        post.is_reply_lost = False
        assert mail.deliver(letter()).outcome is Outcome.ACCEPTED
    assert post.ids == ["<0a1b@banjie>"] * 2


def test_server_that_is_down_is_tried_again() -> None:
    answer = mail_to(free_port()).deliver(letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)
    assert "未能连接邮件服务器" in answer.reply


@pytest.mark.parametrize("replies", [(), ("220 here",), ("220 here", "250 hello")])
def test_reset_is_tried_again(replies: tuple[str, ...]) -> None:
    with raw_server(resetting_after(*replies)) as port:
        assert mail_to(port).deliver(letter()).outcome is Outcome.FAILED


def test_greeting_that_turns_everybody_away_is_no_fault_of_the_letter() -> None:
    with raw_server(hanging_after("554 5.3.2 not today")) as port:
        answer = mail_to(port).deliver(letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)
    assert "554 5.3.2 not today" in answer.reply


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_log_in_is_ours_to_mend() -> None:
    post = Post()
    with mail_server(post, needs_login=True) as port:
        wrong = mail_to(port, user="notice", password="wrong").deliver(letter())
        none = mail_to(port).deliver(letter())
        right = mail_to(port, user="notice", password="right").deliver(letter())
    assert [a.outcome for a in (wrong, none, right)] == ["failed", "failed", "accepted"]
    assert (wrong.is_down, none.is_down) == (True, True)
    assert "535" in wrong.reply
    assert post.logins[-1] == (b"notice", b"right")
    assert len(post.letters) == 1


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_certificate_is_verified(security: str) -> None:
    authority, stranger, post = Authority(), Authority(), Post()
    for server, trust, outcome in (
        (authority.context(), authority.trusting(), Outcome.ACCEPTED),
        (authority.context(), trusting_nobody(), Outcome.FAILED),
        (authority.context(), stranger.trusting(), Outcome.FAILED),
        (authority.context("elsewhere.example"), authority.trusting(), Outcome.FAILED),
    ):
        given = {"starttls": server} if security == "starttls" else {"tls": server}
        with mail_server(post, **given) as port:
            answer = mail_to(port, security=security, context=trust).deliver(letter())
        assert answer.outcome is outcome, answer
        assert ("证书" in answer.reply) == (outcome is Outcome.FAILED)
    assert len(post.letters) == 1


def test_server_without_starttls_gets_nothing_in_the_clear() -> None:
    post = Post()
    with mail_server(post) as port:
        answer = mail_to(port, security="starttls", context=trusting_nobody()).deliver(letter())
    assert (answer.outcome, answer.is_down, post.letters) == (Outcome.FAILED, True, [])
    assert "不支持加密" in answer.reply


def test_name_that_nobody_knows_is_tried_again() -> None:
    answer = mail_to(25, host="no-such-host.invalid").deliver(letter())
    assert (answer.outcome, answer.is_down) == (Outcome.FAILED, True)


def test_attempt_is_over_within_a_minute_by_default() -> None:
    assert ATTEMPT_SECONDS <= 60
