# SPDX-License-Identifier: Apache-2.0
"""Who may do what. One table; everything that is not in it is forbidden."""

from enum import Enum


class Role(str, Enum):
    DESK = "desk"
    LEAD = "lead"
    ADMIN = "admin"


class Action(str, Enum):
    SEE_TASKS = "see tasks"
    COMPLETE_TASK = "complete a task"
    REOPEN_TASK = "reopen a task"
    SEE_CONTACTS = "see contacts"


_ALLOWED = {
    Role.DESK: {Action.SEE_TASKS, Action.COMPLETE_TASK},
    Role.LEAD: {Action.SEE_TASKS, Action.COMPLETE_TASK, Action.REOPEN_TASK, Action.SEE_CONTACTS},
    Role.ADMIN: set(Action),
}


def may(role: Role, action: Action) -> bool:
    """Whether someone in that role is allowed to do it."""
    return action in _ALLOWED[role]
