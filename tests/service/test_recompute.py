# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.exported import (
    APP,
    BINDINGS,
    KEY,
    NEXT,
    PACK,
    PRODUCTION,
    History,
    bad_release,
    command_of,
    good_release,
    pack_with_window,
    recomputed,
    resealed,
    verified,
    with_payload,
    words,
)

from interlock.adapters.signer.memory import MemoryPersonSigner
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.actor import Assurance
from interlock.domain.artifact import RecallArtifact
from interlock.domain.decision import Emitted
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import GovernanceProposed, ProposeGovernance
from interlock.domain.ids import CommandId, FreezeId, PersonId, PromotionId, RollbackId, StreamId, digest_of
from interlock.domain.people import STREAM as PEOPLE
from interlock.domain.people import RevokeKey
from interlock.domain.promotion import AbortPromotion
from interlock.domain.rollback import BeginRollback
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.bundle import CHECKPOINT, RECORDS, Files
from interlock.ledger.canonical import decode
from interlock.ledger.codec import Command, Event, encode
from interlock.ledger.command import ACCEPTED, REFUSED, CommandRecord, NoSignature, command_stream
from interlock.ledger.record import Batch, Draft, Json, Record
from interlock.ports.store import Appended, Conflict
from interlock.service.engine import ENGINE
from interlock.service.facts import Facts, encode_facts
from interlock.service.handle import Declined, Done, Submission
from interlock.service.library import governance_ref
from interlock.service.recompute import REREAD_MOST, Again, Recomputation
from interlock.testing.world import ORIGIN, World

Change = Callable[[Record], Iterable[Record]]


def faults(again: Recomputation) -> dict[str, tuple[str, ...]]:
    """What is wrong, by question."""
    return {
        finding.code: tuple(child.sentence for child in finding.children)
        for finding in again.findings
        if finding.verdict is Verdict.FAIL
    }


def finding(again: Recomputation, about: Again) -> Finding:
    return next(one for one in again.findings if one.code == about)


def is_not_verified(files: Files) -> bool:
    return any(one.verdict in (Verdict.FAIL, Verdict.ERROR) for one in verified(files).findings)


@pytest.fixture(scope="module")
def good() -> Files:
    return good_release().exported()


@pytest.fixture(scope="module")
def bad() -> Files:
    return bad_release().exported()


def test_every_decision_of_a_good_release_comes_out_as_recorded(good: Files) -> None:
    assert recomputed(good).verdict is Verdict.PASS


def test_every_decision_of_a_release_that_was_rolled_back_comes_out_as_recorded(bad: Files) -> None:
    assert recomputed(bad).verdict is Verdict.PASS


def test_accepted_and_refused_commands_are_counted(good: Files) -> None:
    again = recomputed(good)
    accepted, refused = (good.content[RECORDS].count(f'"event":"{event}"'.encode()) for event in (ACCEPTED, REFUSED))
    assert (again.accepted, again.refused, refused > 0) == (accepted, refused, True)


def test_the_findings_go_on_numbering_where_verifying_ends(good: Files) -> None:
    assert [one.subject.split()[0] for one in recomputed(good).findings] == ["13", "14", "15", "16"]


def _approves(history: History, person: str) -> None:
    history.approves(person)


def _turns_away(history: History, person: str) -> None:
    """Of a robot from outside, stale, badly signed twice, and two that cannot be understood."""
    submit = history.world.desk().submit
    now = history.world.clock.now()
    freeze = DeclareFreeze(FreezeId("f"), (), (), now, now, words("x").ref, ())
    body, signature = history.signed(person, freeze)
    other = MemoryPersonSigner("nobody")
    for number, wrong in enumerate(
        (
            Submission(replace(body, actor="robot:controller"), NoSignature()),
            Submission(replace(body, issued_at=now - timedelta(days=2)), signature),
            Submission(body, replace(signature, key=other.public_key)),
            Submission(body, replace(signature, armoured=other.sign(body.message))),
            Submission(replace(body, command="Nonsense"), NoSignature()),
            Submission(replace(body, payload={"freeze": 1}), NoSignature()),
        )
    ):
        submit(replace(wrong, body=replace(wrong.body, id=CommandId(f"{body.id}-{number}"))), now)


def _freezes(history: History, person: str) -> None:
    now = history.world.clock.now()
    reason = words("peak")
    history.says(
        person,
        DeclareFreeze(FreezeId("peak"), (APP,), (PRODUCTION,), now, now + timedelta(days=1), reason.ref, ()),
        texts=(reason,),
    )


STEPS: Mapping[str, Callable[[History, str], object]] = {
    "approves": _approves,
    "turned away": _turns_away,
    "freezes": _freezes,
    "lifts": lambda history, person: history.says(person, LiftFreeze(FreezeId("peak"), words("over").ref)),
    "asks": lambda history, _: history.asks(PRODUCTION),
    "asserts": lambda history, person: history.claims(person, LiftFreeze(FreezeId("peak"), words("o").ref)),
    "recalls": lambda history, person: history.says(person, RecallArtifact(digest_of(b"c2"), words("bad").ref)),
    "rolls back": lambda history, person: history.says(
        person, BeginRollback(RollbackId(f"{APP}/{PRODUCTION}/rollback-1"), APP, PRODUCTION, NEXT, "slow")
    ),
    "aborts": lambda history, person: history.says(person, AbortPromotion(PromotionId(f"{NEXT}/{PRODUCTION}/1"))),
    "breaks": lambda history, _: history.broken(),
    "loses a key": lambda history, person: history.says(
        "ann", RevokeKey(PersonId(person), MemoryPersonSigner(person).public_key, words("lost").ref)
    ),
    "a day passes": lambda history, _: history.world.moments.advance(timedelta(days=1)),
    "settles": lambda history, _: history.world.settle(),
}


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(("ann", "ben", "cat", "dan"))), max_size=12))
def test_i8_whatever_people_do_every_decision_is_recomputed(steps: list[tuple[str, str]]) -> None:
    history = History().opened().governed().released()
    for step, person in steps:
        STEPS[step](history, person)
    files = history.exported()
    assert not is_not_verified(files)
    assert recomputed(files).verdict is Verdict.PASS


def test_every_way_of_being_turned_away_at_the_door_is_recomputed() -> None:
    history = History().opened()
    _turns_away(history, "ann")
    body, signature = history.signed("ann", LiftFreeze(FreezeId("peak"), words("over").ref))
    history.world.desk().submit(Submission(replace(body, ledger="elsewhere"), signature), history.world.clock.now())
    again = recomputed(history.exported())
    assert (again.refused, again.verdict) == (7, Verdict.PASS)


def test_a_refusal_of_a_robot_from_outside_is_listed_because_no_copy_shows_the_door() -> None:
    history = History().opened()
    _turns_away(history, "ann")
    told = finding(recomputed(history.exported()), Again.SPEAKERS).children
    assert "it came from outside, as far as can be told" in [child.sentence for child in told]


# An operator with the database and the ledger's key, who seals what they changed: verifying passes.


def _inventing_an_approval(record: Record) -> Iterable[Record]:
    """Ben's approval is made to say that Cat approved too."""
    yield record
    if record.event == "Decided":
        yield with_payload(record, by="cat")


def _accepting_what_was_refused(record: Record) -> Iterable[Record]:
    """The author's own approval is made to count."""
    if record.event != REFUSED or command_of(record) != "Approve":
        yield record
        return
    body = CommandRecord.from_record(record).body
    yield replace(with_payload(record, reasons=[]), event=ACCEPTED)
    payload = {
        **{name: body.payload[name] for name in ("release", "environment", "answer", "bound", "comment")},
        "by": "dan",
        "assurance": "signed",
    }
    yield replace(record, stream=StreamId(f"approval/{NEXT}"), event="Decided", payload=payload)


def _refusing_what_was_accepted(record: Record) -> Iterable[Record]:
    """Ben's approval is made to have been turned down, though nothing stood against it."""
    if record.event == ACCEPTED and command_of(record) == "Approve":
        reason = {"code": "approval.role", "sentence": "'ben' holds none of: reviewer", "next_step": "ask"}
        yield replace(with_payload(record, reasons=[reason], texts=[]), event=REFUSED)
    elif record.event != "Decided":
        yield record


def _another_reason(record: Record) -> Iterable[Record]:
    """Why the author was refused is told otherwise."""
    if record.event == REFUSED and command_of(record) == "Approve":
        reason = {"code": "approval.role", "sentence": "'dan' holds none of: reviewer", "next_step": "ask"}
        yield with_payload(record, reasons=[reason])
    else:
        yield record


def _a_dropped_consequence(record: Record) -> Iterable[Record]:
    """No incident is opened for the rollback."""
    if record.event != "IncidentOpened":
        yield record


def _a_changed_verdict(record: Record) -> Iterable[Record]:
    """The failing check is made to have passed, in the event alone."""
    is_failing = record.event == "EvidenceRecorded" and record.payload["verdict"] == "fail"
    yield with_payload(record, verdict="pass") if is_failing else record


def _a_verdict_changed_throughout(record: Record) -> Iterable[Record]:
    """As before, and in the command, which no person signs: what followed from it no longer does."""
    if command_of(record) == "RecordEvidence":
        body = dict(_object(record.payload["body"]))
        payload = dict(_object(body["payload"]))
        if payload["verdict"] == "fail":
            yield with_payload(record, body={**body, "payload": {**payload, "verdict": "pass"}})
            return
    yield from _a_changed_verdict(record)


def _an_invented_time(record: Record) -> Iterable[Record]:
    """A decision is made to have known a later state of the clock."""
    if command_of(record) == "OpenChange":
        facts = {**_object(record.payload["facts"]), "latest": "2027-01-01T00:00:00Z"}
        yield with_payload(record, facts=facts)
    else:
        yield record


def _less_read_than_was(record: Record) -> Iterable[Record]:
    """A decision is made to have looked at nothing."""
    yield with_payload(record, reads={}) if command_of(record) == "CreateRelease" else record


def _object(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value


LIES: Mapping[str, tuple[Change, Again]] = {
    "an approval is invented": (_inventing_an_approval, Again.DECISIONS),
    "a refusal becomes an acceptance": (_accepting_what_was_refused, Again.DECISIONS),
    "an acceptance becomes a refusal": (_refusing_what_was_accepted, Again.DECISIONS),
    "a refusal gets another reason": (_another_reason, Again.DECISIONS),
    "a consequence is dropped": (_a_dropped_consequence, Again.DECISIONS),
    "a verdict is changed": (_a_changed_verdict, Again.DECISIONS),
    "a verdict is changed throughout": (_a_verdict_changed_throughout, Again.DECISIONS),
    "a time is invented": (_an_invented_time, Again.FACTS),
    "what was read is hidden": (_less_read_than_was, Again.DECISIONS),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_that_verifies_is_found_by_deciding_again(lie: str, bad: Files) -> None:
    change, about = LIES[lie]
    lied = resealed(bad, change)
    assert not is_not_verified(lied)
    assert about in faults(recomputed(lied))


def test_sealing_anew_without_a_change_changes_nothing(bad: Files) -> None:
    assert resealed(bad, lambda record: [record]).content == bad.content


def test_a_window_that_was_not_open_is_found_by_our_own_calendar() -> None:
    history = History(pack=pack_with_window(b"13:00")).opened().governed().released().approved().promoted()

    def opened_early(record: Record) -> Iterable[Record]:
        facts = json.dumps(record.payload.get("facts", {}))
        yield (
            with_payload(record, facts=json.loads(facts.replace("T12:00:00", "T08:00:00")))
            if command_of(record)
            else record
        )

    lied = resealed(history.exported(), opened_early)
    assert not is_not_verified(lied)
    assert Again.FACTS in faults(recomputed(lied))


def test_a_window_that_was_open_is_recomputed() -> None:
    history = History(pack=pack_with_window(b"09:00")).opened().governed().released().approved().promoted()
    files = history.exported()
    assert any(b"zone_data" in line for line in files.lines(RECORDS))
    assert recomputed(files).verdict is Verdict.PASS


def test_a_governance_under_the_name_of_another_is_found_though_its_proposer_signed_it() -> None:
    """Who proposes and who keeps the ledger agree on it: the door is passed by, the record is written directly."""
    history = History().opened().governed()
    bindings = BINDINGS + b"\n"
    evil = PACK.replace(b"waivable: false", b"waivable: true")
    named = replace(governance_ref(PACK, bindings, ()), pack=digest_of(evil))
    command = ProposeGovernance(APP, named, words("tidy").ref)
    event = GovernanceProposed(APP, named, command.reason, PersonId("dan"))
    _recorded(history, command, Emitted(StreamId(f"service/{APP}"), event), blobs=(evil, bindings))
    files = history.exported()
    assert not is_not_verified(files)
    assert "governance.wrong_digest" in faults(recomputed(files))[Again.DECISIONS][0]


def _recorded(history: History, command: Command, emitted: Emitted[Event], *, blobs: tuple[bytes, ...]) -> None:
    """Dan's signed command, accepted by nobody's rule."""
    store, now = history.world.store, history.world.clock.now()
    body, signature = history.signed("dan", command)
    reads = {stream: len(store.stream(stream)) for stream in (PEOPLE, emitted.stream)}
    facts = encode_facts(Facts(store.head().latest))
    digests = tuple(digest_of(blob) for blob in blobs)
    record = CommandRecord(body, signature, reads, facts, ENGINE, (), (), digests)
    made = encode(emitted.event)
    drafts = (
        Draft(command_stream(body.id), ACCEPTED, 1, record.to_payload()),
        Draft(emitted.stream, made.name, made.version, made.payload),
    )
    store.append(Batch(drafts, now, body.actor, Assurance.SIGNED, body.id, {}, blobs=blobs))


def test_a_proposal_refused_for_another_reason_is_decided_again_without_its_parts() -> None:
    history = History().opened().governed()
    ref = governance_ref(PACK, BINDINGS + b"\n", ())
    history.claims("dan", ProposeGovernance(APP, ref, words("tidy").ref))
    again = recomputed(history.exported())
    assert again.verdict is Verdict.PASS
    assert finding(again, Again.DECISIONS).children == ()


def test_a_refused_proposal_whose_parts_were_not_kept_is_listed() -> None:
    history = History().opened().governed()
    ref = governance_ref(PACK, BINDINGS + b"\n", ())
    history.says("dan", ProposeGovernance(APP, ref, words("tidy").ref))
    again = recomputed(history.exported())
    assert again.verdict is Verdict.PASS
    told = finding(again, Again.DECISIONS).children
    assert [child.sentence for child in told] == ["refused; the parts it was about were not kept"]


def test_other_rules_than_ours_are_said(good: Files) -> None:
    def older(record: Record) -> Iterable[Record]:
        yield with_payload(record, engine="0") if command_of(record) == "OpenChange" else record

    engine = finding(recomputed(resealed(good, older)), Again.ENGINE)
    assert (engine.verdict, engine.sentence) == (
        Verdict.INCONCLUSIVE,
        f"decided live 1 by version '0'; decided again by version {ENGINE}",
    )


def test_an_actor_the_signature_does_not_show_is_found(good: Files) -> None:
    def raised(record: Record) -> Iterable[Record]:
        is_robots = record.actor == "robot:controller"
        yield replace(record, assurance=Assurance.ASSERTED) if is_robots else record

    assert Again.SPEAKERS in faults(recomputed(resealed(good, raised)))


def test_a_command_put_after_one_that_was_signed_later_is_listed(good: Files) -> None:
    assert not finding(recomputed(good), Again.SPEAKERS).children
    told = finding(recomputed(held_back(good)), Again.SPEAKERS).children
    assert [child.sentence for child in told] == ["it stands after a command that was signed later"]


def held_back(files: Files) -> Files:
    """Ann's registration of Dan, recorded after that of the governance instead of before it."""
    held: list[Record] = []

    def later(record: Record) -> Iterable[Record]:
        is_dans = str(record.payload).find("'person': 'dan'") >= 0
        if is_dans and record.index < 12:
            held.append(record)
            return
        yield record
        if record.event == "GovernanceAdopted":
            yield from (replace(one, time=record.time) for one in held)

    return resealed(files, later)


def test_a_refusal_that_says_it_had_not_seen_what_was_there_long_before_is_found() -> None:
    """Lifting a freeze is told to have been refused because the freeze was not known yet."""
    history = History().opened()
    _freezes(history, "ann")
    history.world.moments.advance(timedelta(hours=1))
    lifted = history.says("ben", LiftFreeze(FreezeId("peak"), words("over").ref))
    known = History().opened()
    reason = known.says("ben", LiftFreeze(FreezeId("peak"), words("over").ref))
    assert isinstance(lifted, Done)
    assert isinstance(reason, Declined)
    told = [{"code": one.code, "sentence": one.sentence, "next_step": one.next_step} for one in reason.reasons]

    def unknown_yet(record: Record) -> Iterable[Record]:
        if command_of(record) == "LiftFreeze":
            reads = {**_object(record.payload["reads"]), "freezes": 0}
            yield replace(with_payload(record, reasons=told, reads=reads), event=REFUSED)
        elif record.event != "FreezeLifted":
            yield record

    lied = resealed(history.exported(), unknown_yet)
    assert not is_not_verified(lied)
    said = faults(recomputed(lied))[Again.DECISIONS]
    assert said == ("it says it had not seen what stood on 'freezes' long before",)


def test_a_robot_that_is_not_ours_is_found(good: Files) -> None:
    def other(record: Record) -> Iterable[Record]:
        if record.actor != "robot:controller":
            yield record
        elif command_of(record):
            body = {**_object(record.payload["body"]), "actor": "robot:other"}
            yield replace(with_payload(record, body=body), actor="robot:other")
        else:
            yield replace(record, actor="robot:other")

    assert "there is no 'robot:other'" in faults(recomputed(resealed(good, other)))[Again.SPEAKERS]


def test_what_was_accepted_unsigned_is_listed_as_anybodys() -> None:
    history = History().opened()
    now = history.world.clock.now()
    history.claims("cat", DeclareFreeze(FreezeId("peak"), (), (), now, now + timedelta(days=1), words("x").ref, ()))
    told = finding(recomputed(history.exported()), Again.SPEAKERS)
    assert "1 only asserted" in told.sentence
    assert [child.sentence for child in told.children] == [
        "'DeclareFreeze' of 'person:cat' was accepted unsigned: anybody can have written it"
    ]


# What an operator can do that no copy shows: here to be known, and to fail when it becomes detectable.


def test_a_refusal_dropped_whole_leaves_a_decision_at_a_time_that_never_was(good: Files) -> None:
    lied = resealed(good, _dropping_refusals)
    assert not is_not_verified(lied)
    assert Again.FACTS in faults(recomputed(lied))


def test_a_refusal_dropped_with_care_is_found_only_against_a_remembered_checkpoint(good: Files) -> None:
    lied = resealed(resealed(good, _dropping_refusals), _Careful())
    assert not is_not_verified(lied)
    assert recomputed(lied).verdict is Verdict.PASS
    remembered = verified(lied, good.content[CHECKPOINT].decode())
    assert Verdict.FAIL in [one.verdict for one in remembered.findings]


def _dropping_refusals(record: Record) -> Iterable[Record]:
    if record.event != REFUSED:
        yield record


class _Careful:
    """Every decision is made to have known the time of the record before it."""

    def __init__(self) -> None:
        self.before = "0001-01-01T00:00:00Z"

    def __call__(self, record: Record) -> Iterable[Record]:
        if command_of(record):
            facts = {**_object(record.payload["facts"]), "latest": self.before}
            yield with_payload(record, facts=facts)
        else:
            yield record
        self.before = record.time.isoformat()


def test_an_end_that_was_cut_off_is_found_only_against_a_remembered_checkpoint(bad: Files) -> None:
    begun = next(decode(line[:-1]).index for line in bad.lines(RECORDS) if b'"command":"RequestPromotion"' in line)
    cut = resealed(bad, lambda record: [record] if record.index < begun else [])
    assert not is_not_verified(cut)
    assert recomputed(cut).verdict is Verdict.PASS
    assert Verdict.FAIL in [one.verdict for one in verified(cut, bad.content[CHECKPOINT].decode()).findings]


def test_evidence_a_controller_invents_recomputes_because_nobody_else_signed_it(bad: Files) -> None:
    """Everything from the failing check on is cut off, and a passing one put in its place: a history that could be."""
    reached: list[int] = []

    def until_failing(record: Record) -> Iterable[Record]:
        if command_of(record) == "RecordEvidence" and "'fail'" in str(record.payload):
            reached.append(record.index)
        return [] if reached else [record]

    lied = resealed(bad, until_failing)
    assert not is_not_verified(lied)
    assert recomputed(lied).verdict is Verdict.PASS


# What is not wrong, and what is not a ledger.


class Overtaken(MemoryStore):
    """Between a decision and its record, somebody else is faster, once."""

    def __init__(self) -> None:
        super().__init__(ORIGIN, KEY)
        self.first: list[Callable[[], object]] = []

    def append(self, batch: Batch) -> Appended | Conflict:
        if self.first:
            self.first.pop()()
        return super().append(batch)


def test_a_refusal_over_a_state_that_had_moved_on_is_recomputed_over_that_state() -> None:
    store = Overtaken()
    history = History(World(store=store)).opened().governed()
    lift = LiftFreeze(FreezeId("peak"), words("over").ref)
    store.first.append(lambda: _freezes(history, "ann"))
    history.says("ben", lift)
    again = recomputed(history.exported())
    assert again.verdict is Verdict.PASS
    told = finding(again, Again.DECISIONS).children
    assert [child.sentence for child in told] == ["refused over an earlier state of 'freezes'"]


def test_refusals_that_claim_to_have_seen_nothing_are_not_believed_without_end() -> None:
    history = History().opened()
    for _ in range(REREAD_MOST + 2):
        _freezes(history, "ann")
    again = recomputed(resealed(history.exported(), _as_if_blind))
    said = faults(again)[Again.DECISIONS]
    assert said[0].startswith("'DeclareFreeze' was refused")
    assert finding(again, Again.DECISIONS).sentence == f"{2 * REREAD_MOST + 1} faults"


def _as_if_blind(record: Record) -> Iterable[Record]:
    if record.event == REFUSED:
        reads = {**_object(record.payload["reads"])}
        yield with_payload(record, reads=dict.fromkeys(reads, 0))
    else:
        yield record


def test_missing_raw_material_is_said_and_nothing_is_raised(good: Files) -> None:
    bare = Files({path: content for path, content in good.content.items() if not path.startswith("blobs/")})
    again = recomputed(bare)
    assert Again.DECISIONS in faults(again)


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"\xff\xfe\n", b"[[[[\n"])
def test_a_line_that_is_no_record_is_a_finding(line: bytes, good: Files) -> None:
    broken = Files({**good.content, RECORDS: good.content[RECORDS] + line})
    assert "it cannot be read" in faults(recomputed(broken))[Again.DECISIONS][0]


def test_a_folder_that_is_no_copy_is_a_finding() -> None:
    assert recomputed(Files({})).verdict is Verdict.FAIL


def test_facts_of_another_shape_are_a_finding(good: Files) -> None:
    lied = resealed(good, lambda record: [with_payload(record, facts={"x": 1}) if command_of(record) else record])
    assert Again.DECISIONS in faults(recomputed(lied))
