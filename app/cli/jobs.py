"""`flask --app run jobs …`: look at the jobs, run them once or for as long as the host is up."""

import signal
import sys
import threading
import unicodedata
from collections.abc import Sequence

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from app import logs
from app.clock import now
from app.extensions import db
from app.fab.formats import NOTHING, datetime_zh
from app.jobs import heartbeat, registry, scheduler
from app.jobs.job import JobResult
from app.reports.job_health import Health, Heartbeat, JobHealth
from app.views.job_words import job_label, schedule_words, took_words
from app.views.jobs import health_now
from app.web import start
from app.web.server import NOT_MIGRATED, is_migrated

commands = AppGroup("jobs", help="定时任务：查看、运行、监控。")

HEADS = ("名称", "任务", "运行时间", "上次运行", "用时", "下次运行", "完成/失败", "最近错误")
NO_SUCH_JOB = "没有名为“{name}”的定时任务。现有：{names}"
BUSY = "{job}正由另一进程运行，本次未运行。"
RAN = "{job}：完成{done}，失败{failed}。{note}"
BROKEN = "{job}运行失败：{error}"
NOTHING_DUE = "没有到时间的定时任务。"
NO_DATABASE = "数据库无法使用：{error}"
WELL = "正常：{fresh}个进程在执行定时任务，各任务按时运行，消息无积压。"
HEARTBEATS = {
    Heartbeat.NONE: "异常：尚无进程执行定时任务。",
    Heartbeat.STALE: "异常：执行定时任务的进程已无心跳，最后一次为{seen}（{runner}）。",
}
LATE = "异常：{job}未按时运行，应于{at}运行。"
FAILED = "异常：{job}失败：{error}"
STUCK = "异常：{n}条消息超过30分钟未能发出。"
REFUSED = "提示：一日内有{n}条消息被拒收或未能送达，见“发件箱”。"
SILENT = "提示：{runner}已无心跳，最后一次为{seen}。"
SERVING = "定时任务已启动（{runner}，每{seconds}秒检查一次），按 Ctrl+C 停止。"
STOPPED = "定时任务已停止。"
# Minute by minute, as a system timer calls: one name, not a new process each time.
TIMER = "jobs run"


@commands.command("list")
def list_jobs() -> None:
    """列出各任务的运行时间、上次和下次运行、结果、最近错误。"""
    health = _health_or_exit()
    with force_locale("zh"):
        rows = [_row(job) for job in health.jobs]
    for line in _aligned([HEADS, *rows]):
        click.echo(line)


@commands.command("run")
@click.argument("name", required=False)
def run(name: str | None) -> None:
    """运行到时间的任务；写明 NAME 的立即运行该任务。"""
    if name is None:
        _run_due()
    elif name in {job.name for job in registry.JOBS}:
        sys.exit(_run_one(name))
    else:
        names = "、".join(job.name for job in registry.JOBS)
        click.echo(NO_SUCH_JOB.format(name=name, names=names), err=True)
        sys.exit(2)


@commands.command("status")
def status() -> None:
    """供监控使用：一切正常退出码为0，否则为1并逐条说明原因。"""
    health = _health_or_exit()
    with force_locale("zh"):
        lines = [*problems(health), *hints(health)]
    if health.is_ok:
        lines.insert(0, WELL.format(fresh=sum(each.is_fresh for each in health.runners)))
    click.echo("\n".join(lines))
    sys.exit(0 if health.is_ok else 1)


@commands.command("serve")
@click.option("--seconds", type=click.IntRange(1, 60), help="每隔几秒检查一次。")
def serve(seconds: int | None) -> None:
    """持续执行定时任务，可在多台主机上同时运行；收到 SIGTERM 后做完手头的一项再停。"""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    settings = app.config["SETTINGS"]
    logs.configure(settings.log_level)
    if not is_migrated(app):
        click.echo(NOT_MIGRATED, err=True)
        sys.exit(1)
    start.refuse_strange_data(app, settings)
    db.session.remove()
    seconds = seconds or settings.tick_seconds
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    ticking = scheduler.start(app, seconds=seconds)
    click.echo(SERVING.format(runner=heartbeat.runner_name(), seconds=seconds))
    while not stop.wait(1):  # in short pieces: Windows tells of Ctrl+C in between only
        continue
    ticking.shutdown()
    click.echo(STOPPED)


def _health_or_exit() -> Health:
    try:
        return health_now()
    except SQLAlchemyError as error:
        db.session.rollback()
        click.echo(NO_DATABASE.format(error=type(error).__name__))
        sys.exit(1)


def _run_due() -> None:
    host = heartbeat.runner_name().rpartition(":")[0]
    heartbeat.beat(f"{host}:{TIMER}", now=now())
    results = scheduler.tick(now(), clock=now)
    if not results:
        click.echo(NOTHING_DUE)
    with force_locale("zh"):
        for name, result in results.items():
            click.echo(_told(name, result))


def _run_one(name: str) -> int:
    """Run one job and return the exit code."""
    try:
        result = scheduler.run_asked(registry.find(name), now(), clock=now)
    except Exception as error:
        with force_locale("zh"):
            click.echo(BROKEN.format(job=job_label(name), error=error), err=True)
        return 1
    with force_locale("zh"):
        if result is None:
            click.echo(BUSY.format(job=job_label(name)), err=True)
            return 1
        click.echo(_told(name, result))
    return 0


def _told(name: str, result: JobResult) -> str:
    return RAN.format(job=job_label(name), done=result.done, failed=result.failed, note=result.note)


def problems(health: Health) -> list[str]:
    """Return a sentence for each reason why the state is not well."""
    last = health.runners[0].runner if health.runners else None
    lines = []
    if health.heartbeat is not Heartbeat.OK:
        seen = datetime_zh(last.seen_at) if last else ""
        lines.append(
            HEARTBEATS[health.heartbeat].format(seen=seen, runner=last.name if last else "")
        )
    lines += [_late(job) for job in health.late]
    lines += [_failed(job) for job in health.failed]
    if health.mail.stuck:
        lines.append(STUCK.format(n=health.mail.stuck))
    return lines


def hints(health: Health) -> list[str]:
    """Return what somebody should look at some time, and need not be woken for."""
    lines = []
    if health.heartbeat is Heartbeat.OK:
        silent = [each.runner for each in health.runners if not each.is_fresh]
        lines = [SILENT.format(runner=r.name, seen=datetime_zh(r.seen_at)) for r in silent]
    if health.mail.refused:
        lines.append(REFUSED.format(n=health.mail.refused))
    return lines


def _late(job: JobHealth) -> str:
    at = datetime_zh(job.state.next_run_at) if job.state else NOTHING
    return LATE.format(job=job_label(job.name), at=at)


def _failed(job: JobHealth) -> str:
    error = job.state.last_error.partition("\n")[0] if job.state else NOTHING
    return FAILED.format(job=job_label(job.name), error=error)


def _row(job: JobHealth) -> Sequence[str]:
    state, own = job.state, registry.find(job.name).schedule
    schedule = schedule_words(own.as_set(state.schedule if state else ""))
    if state is None:
        return (job.name, job_label(job.name), schedule, *(NOTHING,) * 5)
    error = state.last_error.partition("\n")[0]
    if error and state.last_error_at:
        error = f"{datetime_zh(state.last_error_at)} {error}"
    return (
        job.name, job_label(job.name), schedule, datetime_zh(state.last_run_at),
        took_words(state.last_seconds), datetime_zh(state.next_run_at),
        f"{state.last_done}/{state.last_failed}", error or NOTHING,
    )  # fmt: skip


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows with their columns under each other; a Chinese sign takes two places."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
