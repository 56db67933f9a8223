"""The three calculators: CSV in, CSV out, every bad row answered in its column `error`."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.calendar import commands
from config import ROOT

DUE_HEADER = "id,start,days,extension\n"
ELAPSED_HEADER = "id,from,to\n"
CARD_HEADER = "id,start,days,extension,now\n"
GOOD = "ok,2026-10-09T09:35:00+08:00,1,0\n"
GOOD_ANSWER = "ok,2026-10-10T17:00:00+08:00,2026-10-10T17:00:00+08:00,0,0,\n"


def run(command: str, text: str | bytes) -> Result:
    return CliRunner().invoke(commands, [command], input=text)


def answers(command: str, text: str) -> list[dict[str, str]]:
    result = run(command, text)
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert result.exit_code == (1 if any(row["error"] for row in rows) else 0)
    return rows


def error_of(command: str, text: str) -> str:
    (row,) = answers(command, text)
    assert [value for name, value in row.items() if name not in ("id", "error")].count("") == (
        len(row) - 2
    )
    return row["error"]


# -- answers -------------------------------------------------------------------------------------


def test_due_answers_both_due_times_with_their_offset() -> None:
    result = run(
        "due",
        DUE_HEADER
        + "a,2026-09-30T15:00:00+08:00,3,7\n"
        + "b,2026-10-09T01:35:00Z,1,\n"
        + "c,2026-12-31T10:00:00+08:00,1,0\n"
        + "d,2026-12-25T10:00:00+08:00,3,2\n"
        + "e,2026-10-09T16:01:00+08:00,0,1\n",
    )

    assert result.exit_code == 0
    assert result.stdout == (
        "id,due,extended_due,provisional,extended_provisional,error\n"
        "a,2026-10-10T17:00:00+08:00,2026-10-20T17:00:00+08:00,0,0,\n"
        "b,2026-10-10T17:00:00+08:00,2026-10-10T17:00:00+08:00,0,0,\n"
        "c,2027-01-04T17:00:00+08:00,2027-01-04T17:00:00+08:00,1,1,\n"
        "d,2026-12-30T17:00:00+08:00,2027-01-04T17:00:00+08:00,0,1,\n"
        "e,2026-10-10T12:00:00+08:00,2026-10-12T17:00:00+08:00,0,0,\n"
    )


def test_elapsed_answers_business_seconds() -> None:
    result = run(
        "elapsed",
        ELAPSED_HEADER
        + "a,2026-10-09T09:00:00+08:00,2026-10-09T17:00:00+08:00\n"
        + "b,2026-09-30T08:00:00Z,2026-10-08T10:00:00+08:00\n"
        + "c,2026-10-03T09:00:00+08:00,2026-10-03T09:00:00+08:00\n",
    )

    assert result.exit_code == 0
    assert result.stdout == "id,working_seconds,error\na,25200,\nb,7200,\nc,0,\n"


def test_card_answers_the_card_and_whether_it_is_overdue() -> None:
    result = run(
        "card",
        CARD_HEADER
        + "a,2026-11-18T09:50:00+08:00,3,0,2026-11-20T16:59:59+08:00\n"
        + "b,2026-11-18T09:50:00+08:00,3,0,2026-11-20T17:00:00+08:00\n"
        + "c,2026-11-18T09:50:00+08:00,3,0,2026-11-23T09:00:00Z\n"
        + "d,2026-11-18T09:50:00+08:00,3,0,2026-11-23T17:00:01+08:00\n"
        + "e,2026-11-18T09:50:00+08:00,3,1,2026-11-23T17:00:01+08:00\n"
        + "f,2026-10-09T16:00:00+08:00,0,0,2026-10-09T16:00:00+08:00\n"
        + "g,2026-10-09T16:00:00+08:00,0,0,2026-10-09T15:59:59+08:00\n",
    )

    assert result.exit_code == 0
    assert result.stdout == (
        "id,card,overdue,error\n"
        "a,none,0,\nb,yellow,0,\nc,yellow,0,\nd,red,1,\ne,yellow,0,\nf,yellow,0,\ng,none,0,\n"
    )


# -- bad rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,2026-10-09T09:35:00,1,0", "start缺少时区"),
        ("x,2026-10-09 09:35,1,0", "start缺少时区"),
        ("x,2026-10-09,1,0", "start缺少时区"),
        ("x,,1,0", "start为空"),
        ("x,昨天下午,1,0", "start不是有效的时间"),
        ("x,1791509700,1,0", "start不是有效的时间"),
        ("x,2026-02-30T09:35:00+08:00,1,0", "start不是有效的时间"),
        ("x,2026-10-09T25:35:00+08:00,1,0", "start不是有效的时间"),
        ("x,2026-10-09x09:35:00+08:00,1,0", "start不是有效的时间"),
        ("x,2026-10-09T09:35:00+25:00,1,0", "start不是有效的时间"),
        ("x,2026-10-09T09:35:00+08:00,,0", "days为空"),
        ("x,2026-10-09T09:35:00+08:00,-1,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,1.0,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,一,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,１,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,1_0,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,1000,0", "days应为"),
        ("x,2026-10-09T09:35:00+08:00,1,8", "extension应为0至7"),
        ("x,2026-10-09T09:35:00+08:00,1,-1", "extension应为0至7"),
        ("x,2026-10-09T09:35:00+08:00,1,七", "extension应为0至7"),
        ("x,2026-10-09T09:35:00+08:00,1", "缺少列：extension"),
        ("x", "缺少列：start、days、extension"),
        ("x,1999-10-09T09:35:00+08:00,1,0", "超出日历范围"),
        ("x,2099-12-31T09:35:00+08:00,1,0", "超出日历范围"),
        ("x,0001-01-01T00:00:00+14:00,1,0", "超出日历范围"),
        ("x,9999-12-31T23:59:59-12:00,1,0", "超出日历范围"),
    ],
)
def test_bad_row_gets_its_message_and_the_rest_is_answered(row: str, message: str) -> None:
    result = run("due", f"{DUE_HEADER}{row}\n{GOOD}")
    _, bad, good = result.stdout.splitlines(keepends=True)

    assert result.exit_code == 1
    assert bad.startswith(f"x,,,,,{message}")
    assert good == GOOD_ANSWER


@pytest.mark.parametrize(
    ("command", "text", "message"),
    [
        (
            "elapsed",
            f"{ELAPSED_HEADER}x,2026-10-09T10:00:00+08:00,2026-10-09T09:59:59+08:00",
            "to早于from",
        ),
        ("elapsed", f"{ELAPSED_HEADER}x,2026-10-09T10:00:00+08:00,2026-10-09", "to缺少时区"),
        ("card", f"{CARD_HEADER}x,2026-10-09T10:00:00+08:00,1,0,", "now为空"),
        ("due", "id,start,days\nx,2026-10-09T10:00:00+08:00,1", "缺少列：extension"),
        ("due", f"x,{GOOD}", "首行不是列名"),
    ],
)
def test_refused_row_says_why(command: str, text: str, message: str) -> None:
    assert error_of(command, text).startswith(message)


# -- shapes of files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        DUE_HEADER + GOOD,
        DUE_HEADER + GOOD.rstrip("\n"),
        (DUE_HEADER + GOOD).replace("\n", "\r\n"),
        (DUE_HEADER + GOOD).replace("\n", "\r"),
        "\ufeff" + DUE_HEADER + GOOD,
        f"{DUE_HEADER}\n  \n{GOOD}\n\n",
        "note,extension,days,start,id\n,0,1,2026-10-09T09:35:00+08:00,ok\n",
        ' ID , Start ,days,extension,more\n"ok", 2026-10-09T09:35+08:00 ,01, 0 ,x,y\n',
        DUE_HEADER + "ok,20261009T093500+0800,1,0\n",
        DUE_HEADER + "ok,2026-W41-5T09:35:00.25+08:00,1,0\n",
    ],
)
def test_file_may_come_from_any_office_program(text: str) -> None:
    result = run("due", text)

    assert result.stdout.splitlines(keepends=True)[1:] == [GOOD_ANSWER]
    assert result.exit_code == 0


def test_nothing_in_answers_the_header_alone() -> None:
    result = run("due", "")

    assert result.stdout == "id,due,extended_due,provisional,extended_provisional,error\n"
    assert result.exit_code == 0


def test_every_row_of_a_file_without_column_names_is_told_so() -> None:
    rows = answers("due", f"{GOOD}{GOOD}")

    assert [row["error"] for row in rows] == ["首行不是列名", "缺少列：start、days、extension"]


def test_ids_come_back_as_they_were() -> None:
    ids = ["a,b", 'the "first"', "two\nlines", " spaced ", "", "事项一"]
    source = io.StringIO()
    writer = csv.writer(source)
    writer.writerow(["id", "start", "days", "extension"])
    writer.writerows([each, "2026-10-09T09:35:00+08:00", "1", "0"] for each in ids)

    assert [row["id"] for row in answers("due", source.getvalue())] == ids


def test_id_in_another_encoding_keeps_its_bytes() -> None:
    result = run("due", DUE_HEADER.encode() + "事项".encode("gbk") + GOOD[2:].encode())

    assert result.stdout_bytes.splitlines()[1] == "事项".encode("gbk") + GOOD_ANSWER[2:-1].encode()


def test_quote_never_closed_spoils_its_own_row_only() -> None:
    rows = answers("due", f'{DUE_HEADER}"x,2026-10-09T09:35:00+08:00,1,0\n' + GOOD * 30)

    assert rows[0]["id"] == "x"
    assert rows[0]["error"].startswith("引号不成对")
    assert [row["error"] for row in rows[1:]] == [""] * 30


def test_text_after_a_closed_quote_spoils_its_own_row_only() -> None:
    rows = answers("due", f'{DUE_HEADER}"x"y,2026-10-09T09:35:00+08:00,1,0\n{GOOD}')

    assert [bool(row["error"]) for row in rows] == [True, False]


# -- any machine -----------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_answers_are_the_same_in_any_zone_and_locale_and_need_no_database(
    zone: str, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    environment = {**os.environ, "TZ": zone, "LC_ALL": "C", "BANJIE_INSTANCE_DIR": str(instance)}
    rows = GOOD + "n,2026-10-09T16:01:00+08:00,0,0\nx,2026-10-09T09:35:00,1,0\n"

    result = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "calendar", "due"],
        input=(DUE_HEADER + rows).encode(),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == 1
    assert result.stdout.decode() == (
        "id,due,extended_due,provisional,extended_provisional,error\n"
        + GOOD_ANSWER
        + "n,2026-10-10T12:00:00+08:00,2026-10-10T12:00:00+08:00,0,0,\n"
        + "x,,,,,start缺少时区，应写作2026-10-09T09:35:00+08:00\n"
    )
    assert not instance.exists()
