# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from tests.service.exported import APP, BINDINGS, PACK, History, good_release, resealed, verified, with_payload, words

from interlock.domain.governance import AdoptGovernance, ApproveGovernance, ProposeGovernance
from interlock.domain.ids import PersonId
from interlock.domain.verdict import Verdict
from interlock.ledger.bundle import Files
from interlock.ledger.record import Record
from interlock.service.handle import Done
from interlock.service.library import PackLibrary, governance_ref
from interlock.service.solo import Solo, SoloEnded, Unread, solo_modes

ANN = PersonId("ann")
ALONE = BINDINGS + b"solo: [ann]\n"
GOVERNORS = BINDINGS.replace(b"reviewer: [ben]", b"reviewer: [ann, ben]").replace(b"[cat]", b"[ann, cat]")
ALONE_GOVERNING = GOVERNORS + b"solo: [ann]\n"


def alone(bindings: bytes = ALONE) -> History:
    """Ann's service, under rules that let her work alone."""
    history = History().opened()
    adopted = history.says("ann", AdoptGovernance(APP, governance_ref(PACK, bindings, ())), blobs=(PACK, bindings))
    assert isinstance(adopted, Done), adopted
    return history


def replaced(history: History, bindings: bytes) -> History:
    """The same with other rules, which ann proposed and approved alone."""
    ref, why = governance_ref(PACK, bindings, ()), words("we are two now")
    proposed = history.says("ann", ProposeGovernance(APP, ref, why.ref), texts=(why,), blobs=(PACK, bindings))
    approved = history.says("ann", ApproveGovernance(APP, ref.digest))
    assert (type(proposed), type(approved)) == (Done, Done), (proposed, approved)
    return history


def modes(files: Files) -> tuple[Solo | SoloEnded | Unread, ...]:
    return solo_modes(files, PackLibrary())


def adoption(history: History, event: str = "GovernanceAdopted") -> int:
    return next(record.index for record in history.records() if record.event == event)


def test_where_nobody_declared_it_there_is_none() -> None:
    assert modes(good_release().exported()) == ()


def test_who_declared_it_is_named_with_the_record_since_when() -> None:
    history = alone()
    assert modes(history.exported()) == (Solo(APP, (ANN,), adoption(history)),)


def test_what_was_declared_once_is_named_also_when_the_rules_were_replaced() -> None:
    history = replaced(alone(ALONE_GOVERNING), GOVERNORS)
    until = adoption(history, "GovernanceApproved")
    assert modes(history.exported()) == (SoloEnded(APP, (ANN,), adoption(history), until),)


def test_other_rules_under_which_the_same_person_is_alone_are_one_time() -> None:
    history = replaced(alone(ALONE_GOVERNING), ALONE_GOVERNING + b"# later\n")
    assert modes(history.exported()) == (Solo(APP, (ANN,), adoption(history)),)


def test_rules_that_are_only_proposed_declare_nothing() -> None:
    history = History().opened().governed()
    ref, why = governance_ref(PACK, ALONE, ()), words("alone is quicker")
    history.says("ann", ProposeGovernance(APP, ref, why.ref), texts=(why,), blobs=(PACK, ALONE))
    assert modes(history.exported()) == ()


def test_rules_that_do_not_load_are_named_as_not_known() -> None:
    history = alone()
    assert modes(Files({**history.exported().content, **damaged(history.exported())})) == (
        Unread(APP, adoption(history)),
    )


def test_a_record_that_cannot_be_read_is_named_as_not_known_though_verifying_lets_it_pass() -> None:
    def strange(record: Record) -> list[Record]:
        if record.event != "GovernanceAdopted":
            return [record]
        return [replace(with_payload(record, governance="nothing"), version=record.version)]

    history = alone()
    lied = resealed(history.exported(), strange)
    assert [one.verdict for one in verified(lied).findings if one.verdict is Verdict.FAIL] == []
    assert modes(lied) == (Unread(APP, adoption(history)),)


def damaged(files: Files) -> dict[str, bytes]:
    """Every blob emptied."""
    return {path: b"" for path in files.content if path.startswith("blobs/")}
