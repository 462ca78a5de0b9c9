# SPDX-License-Identifier: Apache-2.0
"""Write the reference pages from the code: refusal codes, the pack language, bindings. `--check` only compares.

Pages that are generated cannot promise what the code does not do; a test runs this with `--check`.
"""

import ast
import collections.abc
import dataclasses
import math
import re
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from interlock.api import commands, events
from interlock.api.routes import READING
from interlock.api.verbs import TABLE
from interlock.packs import bindings, model
from interlock.packs.shape import Key, keys_of
from interlock.packs.wanted import ANY, Span

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "interlock"
PAGES = ROOT / "docs" / "reference"
CODE = re.compile(r"[a-z]+\.[a-z_]+(\.[a-z_]+)?")
COINERS = frozenset(
    (
        "refuse Undelivered _unheard Reason Finding found Fault Trouble Unfit Ungoverned Unavailable Rejected Advice "
        "Problem problem_at _problem _fail encode_failure NotJunit _waits _owes Lack Illegible problem _rejected "
        "absent unfit"
    ).split()
)
FAMILIES = {
    "{kind}.role": ("approval.role", "signoff.role"),
    "{kind}.author": ("approval.author", "signoff.author"),
    "{kind}.assurance": ("approval.assurance", "signoff.assurance"),
    "{kind}.died": ("approval.died", "signoff.died"),
    "{kind}.missing": ("approval.missing", "signoff.missing"),
    "evidence.{verdict}": ("evidence.pass", "evidence.fail", "evidence.inconclusive", "evidence.error"),
    "pack.unknown_{self.kind}": tuple(
        f"pack.unknown_{kind}"
        for kind in ("audience", "clock", "duty", "environment", "label", "message", "role", "stage")
    ),
    "proof.{verdict}": ("proof.pass", "proof.fail", "proof.inconclusive", "proof.error"),
}
"""Codes that are put together, and all they come to."""
ALONE = {
    "usage": (
        "The command was not typed in a way it can be understood, or something in it is out of range",
        "see `interlock COMMAND --help`; the sentence beside the code says which word it is about",
    ),
    "bug": (
        "This is a fault of Interlock, not of yours; what happened was written to a file of which the path is told",
        "send that file to us, and run `interlock status` to see where things are: what is recorded stays recorded",
    ),
}
"""Codes of the command line itself, which have no family: sentence and next step."""
SAID = {
    "series.no_errors": "Nothing says how many errors an arm had, and that is not taken to be none",
    "series.silent": "Nothing was counted of an arm",
    "judge.back": "The candidate is worse than what is stable at the same time, and must go back",
    "access.scope": "That takes a scope that what you signed in with has not got",
    "request.invalid": "The request is not of the form its address takes",
    "account.exists": "That person has an account already",
    "account.name": "That is no name",
    "account.unknown": "That person has no account",
    "account.weak": "That password is too short, too long, or of too few different characters",
    "accounts.unavailable": "The file of the accounts cannot be used",
    "server.bad_request": "The request is not of the form its address takes",
    "server.port_taken": "Nobody can listen on that port",
    "server.too_large": "The body is larger than may be sent to that address",
    "approval.missing": "Not enough people who hold one of the roles have approved",
    "signoff.missing": "Nobody who holds one of the roles has attested it",
    "approval.died": "An approval was there and has died, because what it covered has changed",
    "signoff.died": "A sign-off was there and has died, because what it covered has changed",
    "hold.over": "The least time since what it follows has passed",
    "record.missing": "Nobody who holds one of the roles has written the document yet",
    "pack.delivers_production": "What goes anywhere by itself could come near production",
    "pack.delivers_nowhere": "What is to go to an environment by itself has no path there",
    "coverage.not_cited": "Nothing in the pack cites the statement",
    "coverage.not_met": "In a scenario that keeps the statement no gate opens at which its requirement is met",
    "coverage.not_shown": "A scenario that breaks the statement shows no refusal of it alone",
    "coverage.not_violated": "No scenario shows what comes of it when the statement is not kept, and only it",
    "coverage.scenario_fails": "A scenario about the statement does not come out as told",
    "coverage.survivor": "What carries the statement was taken out of the pack, and its scenario did not notice",
    "coverage.redundant": "One of several elements that cite the statement was taken out, and no scenario noticed",
    "coverage.too_weak": "What cites the statement is weaker than its kind",
    "pack.bad_window": "A change window opens or closes at no time of day",
    "pack.cites_nothing": "A key is cited that is not written there",
    "pack.out_of_reach": "An environment comes after one to which the path does not go before, so it is never reached",
    "pack.unknown_statement": "What is cited is no statement of requirements.yaml",
    "pack.order": "Something follows a requirement that is not asked for before it on every path",
    "pack.kind_taken": "An earlier path takes every change of that kind, so this one is never reached",
    "bindings.unbound_audience": "The pack has an audience told, and no address of theirs is bound",
    "bindings.unknown_audience": "The pack has no audience of that name",
    "notify.undelivered": "Some of the addresses did not take the message; they are named by place and kind",
    "pack.unknown_audience": "A name stands there, and the pack has no audience of that name",
    "pack.unknown_clock": "A name stands there, and the pack has no clock of that name",
    "pack.unknown_duty": "A name stands there, and the pack has no duty of that name",
    "pack.unknown_environment": "A name stands there, and the pack has no environment of that name",
    "pack.unknown_label": "A name stands there, and the pack has no label of that name",
    "pack.unknown_message": "A name stands there, and the pack has no message of that name",
    "pack.unknown_role": "A name stands there, and the pack has no role of that name",
    "pack.unknown_stage": "A name stands there, and the pack has no stage of that name",
    "pack.unknown_fact": "A word in braces stands in a message, and is nothing that a message can speak of",
    "pack.unread_field": "A field is asked of whoever sends a message, and the message does not say it",
    "pack.nobody_gives": "A message that asks for fields is used where it is sent by itself, so nobody gives them",
    "pack.fact_out_of_place": "A message speaks of something of which nothing is known where it is used",
    "pack.not_written_yet": "A message quotes a section of a record that is not asked for before the message falls due",
    "pack.not_asked": "People are to be asked for something that the stage does not ask of people",
    "bindings.unbounded_count": "A check that only counts is asked for without saying how many are too many",
    "router.other_users": "A proxy was started to tell users apart by something else than the bindings say now",
    "bindings.long_lease": "An exposure would outlive whoever holds it by longer than the pack lets nobody see",
    "bindings.no_port": "So many ports in a row, from the one named on, there are not",
    "bindings.port_taken": "Two of those who listen are given one address and port",
    "bindings.proxy_twice": "Two proxies of a route have one name, and would read one file",
    "bindings.no_latency": "The pack judges latency, and nothing bound there counts it",
    "bindings.unknown_record": "The pack asks for no record of that name",
    "bindings.unknown_environment": "The pack has no environment of that name",
    "bindings.unknown_role": "The pack has no role of that name",
    "calendar.bad_rule": "The recurrence is not one of RFC 5545, or one that cannot be worked out",
    "change.id": "That is no id for a change request",
    "digest.malformed": "That is no digest, nor the beginning of one",
    "evidence.within_limit": "The count is within the limit",
    "pack.blind_too_soon": "The rollout would go back for want of a measurement before the next one is due",
    "pack.exposes_nothing": "The steps of a rollout only ask: nothing could be seen before all is exposed",
    "pack.out_of_range": "A number or a duration is less or more than it can be",
    "pack.unknown_key": "A key stands there that means nothing",
    "pack.unknown_word": "A word stands there that means nothing",
    "pack.weight_order": "A weight is not larger than the one before it",
    "pack.whole_too_soon": "All of the traffic comes last, and steps follow it",
    "people.handle": "That is no handle for a person",
    "people.bad_handle": "That is no handle for a person",
    "placeholder.no_value": "There is nothing to put for a word in braces",
    "placeholder.unknown": "A word in braces is none that can be filled in",
    "lint.short_hold": "A step is over before anything is measured while it holds",
    "lint.unwatched_step": "A step goes on as soon as nothing speaks against it, whatever time or requests show",
    "metrics.any_age": "A query takes samples however old they are",
    "metrics.no_source": "The answers to a query do not say which source they are of",
    "metrics.partial": "Prometheus answered, and warned that the answer may not be all of it",
    "proof.pass": "The check passed since the deployment",
    "proof.fail": "The check failed since the deployment",
    "proof.inconclusive": "The check could not tell yet",
    "proof.error": "The check did not work",
    "record.incomplete": "Sections that are asked for are missing or empty",
    "record.unknown": "No record of that name is asked for",
    "release.version": "That is no version",
    "evidence.check": "That is no name of a check",
    "freeze.id": "That is no id for a freeze",
    "incident.id": "That is no id for an incident",
    "incident.no_authority": "Somebody else decides what is done about an incident, and the sentence says who",
    "incident.not_restored": "What runs there is still the release under suspicion, or is not proven",
    "incident.field": "A field of a message is written as NAME=WORDS",
    "rollback.no_authority": "Somebody else decides that what completed is rolled back, and the sentence says who",
    "duty.done": "What an incident owes was done",
    "promotion.completed": "The promotion has completed",
    "release.ended": "The release has come to its end",
    "rollout.absent": "A proxy that exposes the candidate is not connected; nothing more is exposed until it is back",
    "rollout.asked": "A step of the rollout asks somebody of these roles to agree",
    "rollout.baking": "All of the traffic reaches the candidate, and it is watched for as long as it bakes",
    "rollout.confirming": "The proxies have been told, and have not confirmed it yet",
    "rollout.due": "The controller exposes the next step",
    "rollout.not_begun": "The candidate is brought up beside what is stable; nothing is exposed yet",
    "rollout.suspicious": "What was seen speaks against the candidate, not yet enough to go back",
    "rollout.undecided": "Too little was seen to call the candidate good",
    "rollout.ill": "The candidate does not take the requests it is given; when that lasts the rollout goes back",
    "rollout.lost": "Whoever held the exposure lost it; the rollout begins anew when what was pushed has run out",
    "rollout.objection": "What was seen last speaks against exposing more",
    "rollout.observing": "The step is watched for as long as it holds",
    "rollout.too_few": "The step waits until enough candidate requests were seen",
    "rollout.unconfirmed": "The proxies have not confirmed the exposure",
    "rollout.unseen": "Nothing can be measured; when that lasts the rollout goes back",
    "journal.bad_branch": "Records cannot be committed to a branch of that name",
    "journal.bad_path": "That is no path of a file inside the repository",
    "journal.blocked_path": "A file or a folder stands where a record is to be written",
    "journal.checked_out": "Somebody works on every branch that records could be committed to, so none was moved",
    "journal.contended": "The branch of the records was moved by others again and again",
    "journal.governed_path": "A governed file changes by an approved proposal only, never by a record",
    "journal.locked": "Another git holds the branch of the records",
    "journal.no_base": "The repository lacks the commit that the branch of the records would begin at",
    "journal.no_document": "A document that belongs to the records is not in the ledger",
    "journal.not_a_repository": "Where records are to be committed there is no git repository",
    "journal.not_ended": "Records are written of what has ended, and this has not",
    "journal.not_held_up": "These records neither wait to be written nor were they given up",
    "journal.read_only": "The repository cannot be written",
    "journal.same_path": "Two records would be written to one file",
    "journal.timeout": "Git did not answer in time while records were written",
    "journal.unknown": "Nothing is known of records of that name",
    "journal.out_of_order": "The records were written already, or not yet",
    "journal.over": "With these records everything is done, or they were given up",
    "record.file": "A file with a record, or for the draft of one, cannot be read or written",
    "record.file_exists": "A draft never replaces a file that is there already",
    "rollback.completed": "The rollback is completed and proven",
    "rollback.stranded": "The rollback has used up its tries and keeps the environment until a person orders another",
}
"""Sentences that the source puts together from what it met."""
PLAIN: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    timedelta: "duration",
}


@dataclass(frozen=True, order=True)
class Coined:
    """A code, as one place in the source says it."""

    code: str
    sentence: str
    next_step: str


def codes() -> Iterator[Coined]:
    """Every code that the source can give."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in COINERS:
                yield from _coined(node)


def _coined(node: ast.Call) -> Iterator[Coined]:
    texts = [_text(argument) for argument in [*node.args, *(keyword.value for keyword in node.keywords)]]
    for at, text in enumerate(texts):
        if text in ALONE:
            yield Coined(text, *ALONE[text])
            return
        whole = FAMILIES.get(_family(text), (text,) if CODE.fullmatch(text) else ())
        if whole:
            is_named = text in SAID and _name(node.func) == "_waits"
            rest = [] if is_named else [one for one in texts[at + 1 :] if " " in one]
            for code in whole:
                yield Coined(code, rest[0] if rest else "", rest[1] if len(rest) > 1 else "")
            return


def _family(text: str) -> str:
    return text.replace("{latest.verdict}", "{verdict}")


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"{{{_inner(part)}}}" for part in values
            )
        case _:
            return ""


def _inner(part: ast.expr) -> str:
    text = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else "..."
    return text if re.fullmatch(r"[\w.]+", text) else "..."


def refusals() -> str:
    """The page of codes."""
    best: dict[str, Coined] = {}
    for one in sorted(codes(), key=lambda coined: -len(coined.sentence + coined.next_step)):
        best.setdefault(one.code, one)
    lines = [
        "# Codes",
        "",
        "Every refusal, finding and error has a stable code, one sentence and a next step. This page is made from the",
        "source; words in braces are filled in. `interlock explain CODE` shows an entry.",
        "",
    ]
    family = ""
    for code in sorted(best):
        if code.partition(".")[0] != family:
            family = code.partition(".")[0]
            lines += [f"## {family}", ""]
        entry = best[code]
        sentence, then = entry.sentence, entry.next_step
        if code in SAID:
            sentence, then = SAID[code], then or ("" if sentence.startswith("{") else sentence)
        lines += [f"### {code}", "", (sentence[:1].upper() + sentence[1:]).rstrip(".") + ".", ""]
        if then:
            lines += [f"Next: {then}", ""]
    return "\n".join(lines)


def grammar(title: str, about: str, top: type) -> str:
    """The page of a file's grammar: every table, every key."""
    lines = [f"# {title}", "", about, "", "This page is made from the source.", ""]
    seen: list[type] = []
    waiting = [top]
    while waiting:
        shape = waiting.pop(0)
        if shape in seen:
            continue
        seen.append(shape)
        lines += [f"## {shape.__name__}", "", *([_about(shape), ""] if _about(shape) else [])]
        lines += ["| key | what | required |", "|---|---|---|"]
        for key in keys_of(shape):
            lines.append(f"| `{key.name}` | {_words(key)} | {'yes' if key.required else 'no'} |")
            waiting += [inner for inner in _shapes(key.shape) if inner not in seen]
        lines.append("")
    return "\n".join(lines)


def _about(shape: type) -> str:
    text = (shape.__doc__ or "").strip().split("\n")[0]
    return "" if text.startswith(f"{shape.__name__}(") else text


def _words(key: Key) -> str:
    return f"{key.rules.doc} *{_kind(key.shape)}{_span(key.rules.span)}*".replace("|", "\\|").strip()


def _span(span: Span) -> str:
    """From where to where, where that is said."""
    if span == ANY:
        return ""
    return f", at least {span.least:g}" if span.most == math.inf else f", {span.least:g} to {span.most:g}"


def _kind(shape: object) -> str:
    inner = [one.__name__ for one in _shapes(shape)]
    if inner:
        return " or ".join(inner)
    if shape in PLAIN:
        return PLAIN[shape]
    if typing.get_origin(shape) is tuple:
        return f"listing of {_kind(typing.get_args(shape)[0])}"
    if typing.get_origin(shape) is collections.abc.Mapping:
        return f"table of {_kind(typing.get_args(shape)[1])}"
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return ", ".join(shape)
    options = [one for one in typing.get_args(shape) if one is not type(None)]
    if options:
        return _kind(options[0])
    return re.sub(
        r"typing\.|interlock\.[a-z_.]+\.|collections\.abc\.|datetime\.", "", str(getattr(shape, "__name__", shape))
    )


def _shapes(shape: object) -> list[type]:
    if isinstance(shape, type) and dataclasses.is_dataclass(shape):
        return [shape]
    return [one for part in typing.get_args(shape) for one in _shapes(part)]


def pages() -> dict[str, str]:
    """Every generated page by its name."""
    return {
        "refusals.md": refusals(),
        "pack-language.md": grammar(
            "The pack language", "What may stand in a protocol pack (`pack.yaml`), table by table.", model.PackFile
        ),
        "api.md": api(),
        "bindings.md": grammar(
            "Bindings", "What may stand in a service's `interlock.yaml`, table by table.", bindings.Bindings
        ),
    }


def api() -> str:
    """The page of the API: every address, what it answers or does, and what is sent to it."""
    lines = [
        "# API",
        "",
        "Every address under `/v1`, as the running server describes it too at `/v1/schema/openapi.json` (OpenAPI 3.1).",
        "This page is made from the source. How to use it: `docs/how-to/api.md`.",
        "",
        "## Reading",
        "",
        "All of it takes the scope `read`. Answers have an ETag; `If-None-Match` with it is answered with 304.",
        "",
        "| address | what |",
        "|---|---|",
    ]
    handlers = [handler for module in (*READING, events) for handler in module.HANDLERS]
    reading = sorted((min(one.paths), (one.fn.__doc__ or "").splitlines()[0]) for one in handlers)
    lines += [f"| `GET /v1{_plain_path(path)}` | {about} |" for path, about in reading]
    lines += [
        "",
        "## Writing",
        "",
        "Each says one command for whoever is signed in, like the words of the command line beside it. With",
        "`?to_be=composed` it is only composed, to be signed with the caller's own key and handed in at",
        "`/v1/commands/signed`. `Idempotency-Key` names a request: sent again it is answered as the first time.",
        "",
        "| address | like | scope | what | body |",
        "|---|---|---|---|---|",
    ]
    for verb in TABLE:
        body = ", ".join(_member(field) for field in msgspec.structs.fields(verb.body)) or "nothing"
        lines.append(f"| `POST /v1{_plain_path(verb.path)}` | `{verb.cli}` | `{verb.scope}` | {verb.about} | {body} |")
    for handler in commands.HANDLERS:
        about = (handler.fn.__doc__ or "").splitlines()[0]
        body = ", ".join(
            _member(field) for field in msgspec.structs.fields(typing.get_args(handler.fn.__annotations__["data"])[0])
        )
        lines.append(f"| `POST /v1{min(handler.paths)}` | | of the command | {about} | {body} |")
    lines.append(
        "| `POST /v1/hooks/{name}` | | of the hook | What another system saw, signed with its secret. | as it takes |"
    )
    return "\n".join([*lines, ""])


def _plain_path(path: str) -> str:
    return re.sub(r":\w+}", "}", path)


def _member(field: msgspec.structs.FieldInfo) -> str:
    """A member of a body; what may be left out stands in brackets."""
    return f"`{field.encode_name}`" if field.required else f"[`{field.encode_name}`]"


def main() -> int:
    """Write the pages, or with `--check` say which differ."""
    stale = []
    for name, text in pages().items():
        path = PAGES / name
        if "--check" in sys.argv[1:]:
            stale += [name] if not path.exists() or path.read_text() != text else []
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    silent = sorted({one.code for one in codes()} - {one.code for one in codes() if one.sentence} - SAID.keys())
    for code in silent:
        sys.stderr.write(f"{code} has no sentence: say it under SAID in scripts/reference.py\n")
    for name in stale:
        sys.stderr.write(f"docs/reference/{name} is not what the code says: run scripts/reference.py\n")
    return 1 if stale or silent else 0


if __name__ == "__main__":
    sys.exit(main())
