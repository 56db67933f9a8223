"""`jobs list | run | status | serve`: what they print, how they end, and who never schedules."""

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import clock
from app.cli.jobs import commands
from app.domain.schedules import Schedule
from app.extensions import db
from app.jobs import registry
from app.jobs.job import Job, JobResult
from app.models import JobState, Runner
from app.unit_of_work import unit_of_work
from config import ROOT
from tests.databases import make_app
from tests.factories import at, make_office
from tests.jobs.made import EVERY_MINUTE, leased

NOW = at("2026-10-12 11:00")
MINUTE = dt.timedelta(minutes=1)
Command = Callable[..., Result]


@pytest.fixture
def jobs(app: Flask, session: Any) -> Command:
    """Return a function that runs `jobs …` as a shell would."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(commands, words)


@pytest.fixture
def with_job(monkeypatch: pytest.MonkeyPatch) -> Callable[[Job], None]:
    """Return a function that makes a job the only one of the office."""

    def put(job: Job) -> None:
        monkeypatch.setattr(registry, "JOBS", (job,))

    return put


def save(*rows: Any) -> None:
    with unit_of_work():
        db.session.add_all(rows)


def beat(age: dt.timedelta = MINUTE) -> Runner:
    return Runner(name="fwq:1", started_at=NOW - age, seen_at=NOW - age)


def state(name: str) -> JobState:
    return db.session.get_one(JobState, name, populate_existing=True)


def test_list_is_aligned_under_chinese_heads(
    jobs: Command, freeze: Callable[[dt.datetime], None]
) -> None:
    freeze(NOW)
    save(
        JobState(
            name="scan-deadlines", next_run_at=NOW, last_run_at=NOW - MINUTE, last_seconds=0.5,
            last_done=3, last_failed=1, last_error="坏了\n细节", last_error_at=NOW - MINUTE,
        )
    )  # fmt: skip
    lines = jobs("list").output.splitlines()
    assert lines[0].split() == [
        "名称", "任务", "运行时间", "上次运行", "用时", "下次运行", "完成/失败", "最近错误",
    ]  # fmt: skip
    assert len(lines) == 1 + len(registry.JOBS)
    row = next(line for line in lines if line.startswith("scan-deadlines"))
    for part in ("期限巡查", "每30秒", "2026-10-12 10:59", "0.5秒", "2026-10-12 11:00", "3/1"):
        assert part in row
    assert row.endswith("2026-10-12 10:59 坏了")
    wide = [line.encode("gbk", "replace") for line in lines]  # two bytes a Chinese sign
    column = wide[0].index("任务".encode("gbk"))
    assert {line[column - 1 : column] for line in wide} == {b" "}
    assert b" " not in {line[column : column + 1] for line in wide}


def test_run_without_a_name_does_what_is_due_and_is_heard(jobs: Command) -> None:
    make_office()
    db.session.commit()
    result = jobs("run")
    assert (result.exit_code, "期限巡查：完成0" in result.output) == (0, True)
    names = [runner.name for runner in db.session.query(Runner)]
    assert len(names) == 1
    assert names[0].endswith(":jobs run")


def test_run_by_name_needs_not_be_due(jobs: Command) -> None:
    make_office()
    db.session.commit()
    first, second = jobs("run", "scan-deadlines"), jobs("run", "scan-deadlines")
    assert [r.exit_code for r in (first, second)] == [0, 0]
    assert second.output.startswith("期限巡查：完成0，失败0。")
    assert state("scan-deadlines").asked_by is None


def test_run_of_an_unknown_job_names_those_there_are(jobs: Command) -> None:
    result = jobs("run", "scan")
    assert result.exit_code == 2
    assert "没有名为“scan”的定时任务" in result.stderr
    assert all(job.name in result.stderr for job in registry.JOBS)


def test_run_of_a_job_that_runs_elsewhere_says_so(jobs: Command, with_job: Any) -> None:
    with_job(leased(lambda _now: JobResult(), name="backup"))
    now = clock.now()
    save(JobState(name="backup", next_run_at=now, leased_until=now + MINUTE))
    result = jobs("run", "backup")
    assert (result.exit_code, result.stderr) == (1, "备份正由另一进程运行，本次未运行。\n")


def test_run_of_a_job_that_fails_ends_with_one(jobs: Command, with_job: Any) -> None:
    def run(_now: dt.datetime) -> JobResult:
        raise OSError("磁盘已满")

    with_job(Job("backup", run, EVERY_MINUTE))
    result = jobs("run", "backup")
    assert (result.exit_code, result.stderr) == (1, "备份运行失败：磁盘已满\n")
    assert state("backup").last_error == "OSError: 磁盘已满"


def test_times_of_day_are_not_moved_by_a_run_by_hand(jobs: Command, with_job: Any) -> None:
    with_job(Job("backup", lambda _now: JobResult(done=1), Schedule(times=(dt.time(2),))))
    assert jobs("run", "backup").output == "备份：完成1，失败0。\n"
    following = state("backup").next_run_at
    assert (following.hour, following.minute) == (2, 0)
    assert dt.timedelta() < following - clock.now() <= dt.timedelta(days=1)


def test_status_is_quiet_when_all_is_well(
    jobs: Command, freeze: Callable[[dt.datetime], None]
) -> None:
    freeze(NOW)
    save(beat())
    result = jobs("status")
    assert result.exit_code == 0
    assert result.output.startswith("正常：1个进程在执行定时任务")


def test_status_names_each_reason(jobs: Command, freeze: Callable[[dt.datetime], None]) -> None:
    freeze(NOW)
    assert jobs("status").output == "异常：尚无进程执行定时任务。\n"
    save(
        beat(3 * MINUTE),
        JobState(name="scan-deadlines", next_run_at=NOW - 6 * MINUTE),
        JobState(
            name="backup", next_run_at=NOW, last_run_at=NOW, last_error="OSError: 磁盘已满\n细节",
            last_error_at=NOW,
        ),
    )  # fmt: skip
    result = jobs("status")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "异常：执行定时任务的进程已无心跳，最后一次为2026-10-12 10:57（fwq:1）。",
        "异常：期限巡查未按时运行，应于2026-10-12 10:54运行。",
        "异常：备份失败：OSError: 磁盘已满",
    ]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("command", ["status", "list"])
def test_without_tables_it_says_so_and_ends_with_one(tmp_path: Any, command: str) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)
    result = app.test_cli_runner().invoke(commands, [command])
    assert (result.exit_code, result.output) == (1, "数据库无法使用：OperationalError\n")
    with app.app_context():
        db.engine.dispose()


def environment(app: Flask) -> dict[str, str]:
    """Return what a process of its own needs to stand on the test's database."""
    settings = app.config["SETTINGS"]
    return os.environ | {
        "BANJIE_ENV": "office",
        "BANJIE_DATABASE_URL": settings.database_url,
        "BANJIE_INSTANCE_DIR": settings.instance_dir,
        "BANJIE_SECRET_KEY": settings.secret_key,
        "BANJIE_DATA_KEY": settings.data_key,
        "PYTHONUTF8": "1",
    }


def serving(app: Flask) -> subprocess.Popen[str]:
    """Start `jobs serve`, and return it once it says that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "run", "jobs", "serve", "--seconds", "1"],
        cwd=ROOT, env=environment(app), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline().startswith("定时任务已启动")
    return process


def wait_for(found: Callable[[], Any]) -> Any:
    """Return what is found within ten seconds."""
    end = clock.now() + dt.timedelta(seconds=10)
    while clock.now() < end:
        db.session.rollback()
        if value := found():
            return value
    raise AssertionError("not found in time")


def runner_names() -> set[str]:
    db.session.rollback()  # what others wrote since
    return {runner.name for runner in db.session.query(Runner).populate_existing()}


def test_serve_ticks_until_it_is_told_to_stop(app: Flask, session: Any) -> None:
    make_office()
    db.session.commit()
    process = serving(app)
    try:
        wait_for(runner_names)
        wait_for(lambda: db.session.get(JobState, "scan-deadlines"))
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "定时任务已停止。\n"), err
    assert runner_names() == set()


def test_one_that_was_killed_is_seen_beside_one_that_ticks(
    app: Flask, session: Any, jobs: Command
) -> None:
    make_office()
    db.session.commit()
    killed, other = serving(app), serving(app)
    try:
        wait_for(lambda: len(runner_names()) == 2)
        killed.kill()
        killed.communicate()
        assert jobs("status").exit_code == 0, jobs("status").output
        dead = next(n for n in runner_names() if n.endswith(f":{killed.pid}"))
        with unit_of_work():
            db.session.get_one(Runner, dead).seen_at -= dt.timedelta(minutes=3)
        result = jobs("status")
        assert (result.exit_code, f"提示：{dead}已无心跳" in result.output) == (0, True)
    finally:
        other.terminate()
        other.communicate(timeout=30)


@pytest.mark.sqlite_only
def test_web_processes_never_schedule(tmp_path: Any) -> None:
    """A WSGI server imports run:app, any number of times; nothing ticks in it."""
    code = (
        "import threading, run; run.app.test_client().get('/healthz');"
        "print([thread.name for thread in threading.enumerate()])"
    )
    env = os.environ | {"BANJIE_ENV": "demo", "BANJIE_INSTANCE_DIR": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['MainThread']"
