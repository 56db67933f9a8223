"""docs/workflow.md, written from the workflow table, so that paper and program cannot differ."""

from app.domain.states import Action, State
from app.domain.words import word
from app.domain.workflow import REGISTER_ROLES, TABLE, Transition
from app.models.roles import ROLE_NAMES

HEAD = """# 办理流程

本页由 `flask --app run docs write` 从 `app/domain/transitions.py` 的流程表生成，测试核对两者一致；请勿手工修改。

## 流程图（方案附件2）

```mermaid
flowchart TD
    A[接待咨询<br>了解问题，介绍服务范围及流程] -->|符合受理范围，填写《问题台账》| B[及时转办<br>督办考核科当日填写《事项交办单》]
    A -->|不符合受理范围| X[做好解释工作<br>不予受理登记]
    A -->|当场协调解决| D
    B --> C[限时办结<br>立即／1个工作日／3个工作日]
    C -->|带班领导批准，最多7个工作日| E[延期]
    E --> C
    E -->|延期后仍不能解决| G[领导小组集体研究]
    G -->|研究决定，新时限| C
    C --> D[提交办结，带班领导签字]
    D --> F[服务评价<br>记录并反馈承办窗口（科室）、带班领导]
    F -->|差评属实| C
    F --> Z[归档]
    S[跟踪督办<br>带班领导、督办考核科全程督办] -.-> B
    S -.-> C
    S -.-> F
```

## 状态

| 状态 | 代码 | 可以进行的操作 |
|---|---|---|
"""  # noqa: E501 (a picture and a table row cannot be wrapped)

MOVES_HEAD = """
## 操作

登记（T1）：{register}。条件一栏是 `app/domain/conditions.py` 中的条件代码，不满足时拒绝并说明理由。

| 编号 | 操作 | 从 | 到 | 谁 | 必填 | 条件 |
|---|---|---|---|---|---|---|
"""


def workflow_markdown() -> str:
    """Return the whole page: chart, states with their actions, and one line per transition."""
    states = "".join(
        f"| {word(state)} | `{state.value}` | {_actions_in(state)} |\n" for state in State
    )
    register = "、".join(name for role, name in ROLE_NAMES.items() if role in REGISTER_ROLES)
    lines = "".join(_line(t) for t in TABLE)
    return f"{HEAD}{states}{MOVES_HEAD.format(register=register)}{lines}"


def _actions_in(state: State) -> str:
    actions = dict.fromkeys(t.action for t in TABLE if state in t.sources)
    return "、".join(word(a) for a in actions) or "—"


def _line(line: Transition) -> str:
    sources = "、".join(word(s) for s in State if s in line.sources)
    targets = "、".join(word(s) for s in line.targets) or "不变"
    who = "、".join(name for role, name in ROLE_NAMES.items() if role in line.who)
    fields = "、".join(f"`{f}`" for f in line.fields) or "—"
    conditions = "、".join(f"`{c.value}`" for c in line.conditions) or "—"
    action = word(Action(line.action))
    return f"| {line.code} | {action} | {sources} | {targets} | {who} | {fields} | {conditions} |\n"
