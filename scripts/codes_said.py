# SPDX-License-Identifier: Apache-2.0
"""Every code that the source can give, with its sentence and next step as far as they stand there."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "interlock"
CODE = re.compile(r"[a-z]+\.[a-z_]+(\.[a-z_]+)?")
COINERS = frozenset(
    (
        "refuse Undelivered _unheard Reason Finding found Fault Trouble Unfit Ungoverned Unavailable Rejected Advice "
        "Busy Problem problem_at _problem _fail encode_failure NotJunit _waits _owes Lack Illegible problem _rejected "
        "absent unfit"
    ).split()
)
FAMILIES = {
    "{kind}.role": ("approval.role", "signoff.role"),
    "{kind}.author": ("approval.author", "signoff.author"),
    "{kind}.assurance": ("approval.assurance", "signoff.assurance"),
    "{kind}.died": ("approval.died", "signoff.died"),
    "{kind}.missing": ("approval.missing", "signoff.missing"),
    "{kind}.too_early": ("approval.too_early", "record.too_early", "signoff.too_early"),
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
_NONE_OF_THEM = (
    "That person holds none of the roles asked for, or holds one in other environments alone; it says in which"
)
SAID = {
    "bindings.unfit": "What binds the pack at that commit cannot be taken into force; the first thing wrong is told",
    "change.label": "That is no label",
    "command.malformed": "A name in the command is not one that can be",
    "command.undecodable": "The body is no command of that form",
    "driver.unreadable": "The controller cannot read what was sent to it",
    "init.name": "That name cannot be used",
    "judge.bad_span": "That is no span of time, or no list of edges",
    "metrics.strange": "What answers there is no Prometheus",
    "pack.unfit": "The pack cannot be loaded; the first thing wrong is told",
    "procedure.busy": "Others have documents read by the server, or you have one read already",
    "procedure.name": "The name of the document makes no name of a pack",
    "review.uncarried": "Lines that were accepted are carried by no element of the pack, so it stays a draft",
    "review.undecided": "Nobody decided on some lines yet, so the pack stays a draft",
    "router.bad_cohort": "That is nothing by which a proxy can tell testers",
    "scenario.unfit": "The scenario cannot be read; the first thing wrong is told",
    "server.busy": "The server was asked more often than it allows",
    "token.wider": "A token can do nothing that whoever makes it cannot",
    "server.unknown_name": "The settings of the server name an account, a person or a service that is not there",
    "server.long_head": "The head of the request is larger than 64 KiB",
    "server.not_here": "That is done only where the ledger is kept, not through a server",
    "series.no_errors": "Nothing says how many errors an arm had, and that is not taken to be none",
    "series.silent": "Nothing was counted of an arm",
    "judge.back": "The candidate is worse than what is stable at the same time, and must go back",
    "judge.not_back": "The candidate need not go back",
    "judge.not_yet": "It is not decided yet whether the candidate may go on",
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
    "record.elsewhere": "It was written by somebody who holds the role in other environments alone",
    "record.role": _NONE_OF_THEM,
    "approval.role": _NONE_OF_THEM,
    "signoff.role": _NONE_OF_THEM,
    "waiver.role": _NONE_OF_THEM,
    "governance.role": "That person holds none of the roles in every environment, and rules are for every one",
    "evidence.role": _NONE_OF_THEM,
    "rollout.not_asked": _NONE_OF_THEM,
    "stopped.role": "Whoever lets on again what was stopped holds a role for it there, and that person holds none",
    "bindings.unheld_role": "Something asks for a role that nobody is bound to, or nobody in that environment",
    "bindings.too_few": "More people are asked for than are bound to the roles, or than are in that environment",
    "lint.unfillable": "A path asks for more people than are left, even if everybody agreed who is bound there",
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
    "pack.kind_excluded": "A path is written for a kind of change that its own condition turns away",
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
    "rollout.absent": "A proxy that exposes the candidate does not answer; nothing more is exposed until it is back",
    "rollout.asked": "A step of the rollout asks somebody of these roles to agree",
    "rollout.awaits_baseline": "Fresh instances of what is stable are brought up, to compare the candidate with",
    "rollout.baking": "All of the traffic reaches the candidate, and it is watched for as long as it bakes",
    "rollout.confirming": "The proxies have been told, and have not confirmed it yet",
    "rollout.due": "The controller exposes the next step",
    "rollout.baseline_ill": "Not all instances of the baseline are ready; meanwhile stable alone is compared with",
    "rollout.no_baseline": "The rollout goes without a baseline; the candidate is compared with stable alone",
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
NEXT = {
    "approval.died": "look at what changed, and approve again",
    "approval.missing": "one of the roles approves: `interlock approve`",
    "approval.unknown": "name one of the approvals asked, which are listed",
    "evidence.error": "mend what the check runs, then `interlock evidence refresh`",
    "evidence.fail": "look at the evidence (`interlock evidence show`), mend what it found, and release anew",
    "evidence.inconclusive": "wait until there is more to see, then `interlock evidence refresh`",
    "governance.other_service": (
        "name the service whose rules stand there (`--service` in the terminal), or a commit with its rules; "
        "or mend the name in interlock.yaml"
    ),
    "judge.back": "send the candidate back; --json tells metric by metric why",
    "judge.not_back": "nothing; the sentence says what is known of it",
    "judge.not_yet": "wait and ask again; the sentence says what is missing",
    "notify.undelivered": "see `interlock outbox`, mend the address, and send it again",
    "pack.bad_window": "write times such as 09:00",
    "token.wider": "name fewer scopes, services or environments",
    "server.unknown_name": "mend the name in server.toml, or make what it names first",
    "stopped.role": "ask one of those who are named",
    "passkey.not_made": "try again, or use another key",
    "passkey.nothing_waits": "give the command again, and sign it within a few minutes",
    "passkey.unusable": "have it registered (`interlock people add-key`), or sign with another key",
    "placeholder.no_value": "use a placeholder that has a value there",
    "placeholder.unknown": "use one of the placeholders that are listed",
    "release.ended": "make a new release: `interlock release create`",
    "rollout.awaits_baseline": "wait: it is waited for no longer than `blind_for`",
    "rollout.baseline_ill": "see what its instances say; nothing waits for them",
    "rollout.no_baseline": "see why it could not be brought up; the next rollout brings up its own",
    "rollout.asked": "one of the roles agrees: `interlock rollout agree`",
    "signoff.died": "look at what changed, and sign off again",
    "signoff.missing": "one of the roles signs off: `interlock signoff`",
}
"""What to do next, where the source puts that together or leaves it to what stands around it."""


@dataclass(frozen=True, order=True)
class Coined:
    """A code, as one place in the source says it."""

    code: str
    sentence: str
    next_step: str


def codes() -> Iterator[Coined]:
    """Every code that the source can give."""
    for path in sorted(SOURCE.rglob("*.py")):
        whole = ast.parse(path.read_text())
        functions = [one for one in ast.walk(whole) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        for part in (whole, *functions):
            written = list(_written(whole.body)) + (list(_written(ast.walk(part))) if part is not whole else [])
            for node in ast.walk(part):
                if isinstance(node, ast.Call) and _name(node.func) in COINERS:
                    yield from _coined(node, {name: text for line, name, text in written if line < node.lineno})


def _written(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str, str]]:
    """Texts that get a name before they are said: line, name, text; in the order of lines."""
    assigned = [one for one in nodes if isinstance(one, ast.Assign | ast.AnnAssign)]
    for node in sorted(assigned, key=lambda one: one.lineno):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield 0, name, _said(value, {})
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield node.lineno, name, _said(value, {})
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for target, value in zip(names, values, strict=False):
                    yield node.lineno, _name(target), _said(value, {})
            case _:
                pass


def _coined(node: ast.Call, written: dict[str, str]) -> Iterator[Coined]:
    told = [*node.args, *(keyword.value for keyword in node.keywords)]
    texts = [_said(one, written) for one in told]
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


def _said(node: ast.expr, written: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return written.get(name, "")
        case ast.Call(func=ast.Name(id="advice")):
            return "name one that is there"
        case ast.Call(func=ast.Name(id="one_line" | "clean"), args=[inner]):
            return _said(inner, written)
        case ast.Call(func=ast.Name(id="str") | ast.Attribute(attr="render")):
            return "{what is wrong}"
        case _:
            return _text(node)


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
