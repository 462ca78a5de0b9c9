# SPDX-License-Identifier: Apache-2.0
"""What people see. Every word that came from outside goes through `escape`."""

from collections.abc import Sequence
from html import escape
from sqlite3 import Row

from outreach.auth import User
from outreach.permissions import Action, may
from outreach.registration import Registration
from outreach.tasks import Filter, Priority, Show, Task
from outreach.web import Visit

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --quiet: #5b6774; --line: #d9dfe5; --paper: #fff; --ground: #f4f6f8;
  --accent: #0b6e5f; --accent-ink: #fff; --warm: #b3541e; --soft: #e3f2ef; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --quiet: #9aa6b2; --line: #34404c; --paper: #1b222a;
  --ground: #12171c; --accent: #4fc3ae; --accent-ink: #06231e; --warm: #f0a070; --soft: #17332e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
header { background: var(--paper); border-bottom: 1px solid var(--line); }
nav, main, footer { max-width: 54rem; margin: 0 auto; padding: 0 1.25rem; }
nav { display: flex; gap: 1.25rem; align-items: center; min-height: 3.5rem; flex-wrap: wrap; }
nav .brand { font-weight: 700; letter-spacing: -.01em; margin-right: auto; color: var(--ink); text-decoration: none; }
nav a { color: var(--quiet); text-decoration: none; } nav a[aria-current] { color: var(--accent); font-weight: 600; }
main { padding-block: 2rem 3rem; } footer { color: var(--quiet); font-size: .85rem; padding-bottom: 2rem; }
h1 { font-size: 1.6rem; letter-spacing: -.02em; margin: 0 0 .25rem; } .lead { color: var(--quiet); margin: 0 0 1.5rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
.narrow { max-width: 28rem; } label { display: block; font-weight: 600; margin: 0 0 1rem; }
input, textarea, select { display: block; width: 100%; margin-top: .3rem; padding: .55rem .7rem; font: inherit;
  color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; }
button { font: inherit; font-weight: 600; padding: .55rem 1.1rem; border: 0; border-radius: .5rem; cursor: pointer;
  background: var(--accent); color: var(--accent-ink); }
button.plain { background: none; color: var(--accent); border: 1px solid var(--line); padding: .25rem .75rem; }
nav button.plain { color: var(--quiet); } form.inline { display: inline; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.filter { display: flex; gap: .75rem; align-items: end; margin-bottom: 1rem; flex-wrap: wrap; }
.filter label { margin: 0; flex: 1 1 10rem; } .scroll { overflow-x: auto; padding: 0; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .75rem 1rem; }
th { color: var(--quiet); font-size: .85rem; font-weight: 600; } tbody tr { border-top: 1px solid var(--line); }
td small { display: block; color: var(--quiet); } td:last-child { text-align: right; }
.tag { font-size: .8rem; font-weight: 600; padding: .1rem .6rem; border-radius: 1rem; background: var(--soft); }
.tag.high { color: var(--warm); } .empty { padding: 2rem; text-align: center; color: var(--quiet); }
.note { border-left: 4px solid var(--accent); padding: .6rem 1rem; margin: 0 0 1.25rem; background: var(--soft); }
.note.bad { border-color: var(--warm); } .note ul { margin: 0; padding-left: 1.1rem; }
"""


def layout(visit: Visit, title: str, main: str) -> str:
    """The frame around every page."""
    links = "".join(
        f'<a href="{address}"{_current(visit, address)}>{label}</a>' for address, label in _links(visit.visitors)
    )
    logout = "".join(
        f'<form class="inline" method="post" action="/logout">{token(visit)}'
        f'<button class="plain">Log out {escape(user.name)}</button></form>'
        for user in visit.visitors
    )
    tenant = "".join(f" · {escape(user.tenant.name)}" for user in visit.visitors)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Outreach</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/style.css"></head><body>'
        f'<header><nav><a class="brand" href="/">Outreach</a>{links}{logout}</nav></header>'
        f"<main>{main}</main><footer>Outreach {escape(visit.service.version)}{tenant}</footer></body></html>"
    )


def registration_form(visit: Visit, filled: Registration, problems: Sequence[str]) -> str:
    """The public form."""
    return layout(
        visit,
        "Register",
        '<h1>Tell us what you need</h1><p class="lead">Leave your address, and somebody will get back to you.</p>'
        f'{_problems(problems)}<form class="card narrow" method="post" action="/register">{token(visit)}'
        f'<input type="hidden" name="tenant" value="{escape(visit.request.fields().get("tenant", ""))}">'
        f'<label>Name<input name="name" maxlength="100" autocomplete="name" required value="{escape(filled.name)}">'
        '</label><label>E-mail<input name="email" type="email" maxlength="200" autocomplete="email" required '
        f'value="{escape(filled.email)}"></label>'
        f'<label>What is it about?<textarea name="interest" rows="4" maxlength="2000">{escape(filled.interest)}'
        "</textarea></label><button>Register</button></form>",
    )


def registered(visit: Visit) -> str:
    """What follows a registration."""
    return layout(visit, "Thank you", '<h1>Thank you</h1><p class="lead">We have your words and will write to you.</p>')


def login_form(visit: Visit, name: str, problems: Sequence[str]) -> str:
    """The way in for the desk."""
    return layout(
        visit,
        "Log in",
        '<h1>Log in</h1><p class="lead">For the people at the desk.</p>'
        f'{_problems(problems)}<form class="card narrow" method="post" action="/login">{token(visit)}'
        f'<label>Name<input name="name" autocomplete="username" required value="{escape(name)}"></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        "<button>Log in</button></form>",
    )


def task_list(visit: Visit, user: User, tasks: Sequence[Task], wanted: Filter) -> str:
    """The desk's list."""
    rows = "".join(_task_row(visit, user, task) for task in tasks)
    table = (
        f"<table><thead><tr><th>Task</th><th>Since</th><th>State</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else '<p class="empty">Nothing here. Well done.</p>'
    )
    return layout(
        visit,
        "Tasks",
        f'<h1>Tasks</h1><p class="lead">{len(tasks)} shown.</p>{_filter(wanted)}<div class="card scroll">{table}</div>',
    )


def contact_list(visit: Visit, contacts: Sequence[Row]) -> str:
    """Everyone who registered."""
    rows = "".join(
        f"<tr><td>{escape(row['name'])}<small>{escape(row['email'])}</small></td>"
        f"<td>{escape(row['interest'])}</td><td>{escape(row['registered_at'][:10])}</td></tr>"
        for row in contacts
    )
    return layout(
        visit,
        "Contacts",
        f'<h1>Contacts</h1><p class="lead">{len(contacts)} people.</p><div class="card scroll"><table><thead><tr>'
        f"<th>Who</th><th>What</th><th>Since</th></tr></thead><tbody>{rows}</tbody></table></div>",
    )


def message(visit: Visit, title: str, words: str) -> str:
    """A page with one thing to say."""
    return layout(visit, title, f'<h1>{escape(title)}</h1><p class="lead">{escape(words)}</p>')


def _links(visitors: Sequence[User]) -> list[tuple[str, str]]:
    if not visitors:
        return [("/register", "Register"), ("/login", "Log in")]
    user = visitors[0]
    links = [("/tasks", "Tasks")]
    if may(user.role, Action.SEE_CONTACTS):
        links.append(("/contacts", "Contacts"))
    if may(user.role, Action.SEE_CAMPAIGNS):
        links.append(("/campaigns", "Campaigns"))
    return links


def _filter(wanted: Filter) -> str:
    options = "".join(
        f'<option value="{show.value}"{" selected" if show is wanted.show else ""}>{show.value.title()}</option>'
        for show in Show
    )
    return (
        f'<form class="filter" method="get" action="/tasks"><label>Show<select name="show">{options}</select></label>'
        f'<label>Containing<input name="q" type="search" maxlength="100" value="{escape(wanted.words)}"></label>'
        "<button>Filter</button></form>"
    )


def _task_row(visit: Visit, user: User, task: Task) -> str:
    tag = "high" if task.priority is Priority.HIGH else ""
    state = "pressing" if tag and task.state == "open" else task.state
    by = f"<small>by {escape(task.done_by)}</small>" if task.done_by else ""
    return (
        f"<tr><td>{escape(task.title)}<small>{escape(task.email)}</small></td><td>{escape(task.created_at[:10])}</td>"
        f'<td><span class="tag {tag}">{state}</span>{by}</td><td>{_button(visit, user, task)}</td></tr>'
    )


def _button(visit: Visit, user: User, task: Task) -> str:
    verb, action = ("complete", Action.COMPLETE_TASK) if task.state == "open" else ("reopen", Action.REOPEN_TASK)
    if not may(user.role, action):
        return ""
    return (
        f'<form class="inline" method="post" action="/tasks/{task.id}/{verb}">{token(visit)}'
        f'<button class="plain">{verb.title()}</button></form>'
    )


def _problems(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<div class="note bad" role="alert"><ul>{items}</ul></div>'


def token(visit: Visit) -> str:
    """What every form must carry."""
    return f'<input type="hidden" name="form_token" value="{visit.form_token}">'


def _current(visit: Visit, address: str) -> str:
    return ' aria-current="page"' if visit.request.path == address else ""
