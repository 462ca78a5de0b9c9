# SPDX-License-Identifier: Apache-2.0
"""Who may do what. One table; everything that is not in it is forbidden. Whose rows it is done to: `tenancy`."""

from enum import Enum


class Role(str, Enum):
    DESK = "desk"
    LEAD = "lead"
    ADMIN = "admin"


class Action(str, Enum):
    SEE_TASKS = "see tasks"
    ADD_TASK = "add a task"
    COMPLETE_TASK = "complete a task"
    REOPEN_TASK = "reopen a task"
    SEE_CONTACTS = "see contacts"
    ADD_CONTACT = "add a contact"
    SEE_CAMPAIGNS = "see campaigns"
    SEND_CAMPAIGN = "send a campaign"
    SEE_REPORTS = "see reports"
    SEE_STATE = "see the state of the data"


_DESK = {Action.SEE_TASKS, Action.COMPLETE_TASK}
_LEAD = {Action.ADD_TASK, Action.SEE_CONTACTS, Action.ADD_CONTACT}
_CAMPAIGNS = {Action.SEE_CAMPAIGNS, Action.SEND_CAMPAIGN, Action.SEE_REPORTS}
_ALLOWED = {
    Role.DESK: _DESK,
    Role.LEAD: {*_DESK, *_LEAD, *_CAMPAIGNS, Action.REOPEN_TASK, Action.SEE_STATE},
    Role.ADMIN: set(Action),
}


def may(role: Role, action: Action) -> bool:
    """Whether someone in that role is allowed to do it."""
    return action in _ALLOWED[role]
