# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Final

import pytest

from interlock.domain.artifact import Artifact, ArtifactKind, RecallArtifact
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.delivery import DeliverHead, SeeHead
from interlock.domain.evidence import RequestEvidence
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.governance import GovernanceRef, GovernedFile, ProposeGovernance
from interlock.domain.ids import (
    EVERYWHERE,
    ChangeId,
    CheckId,
    ComponentName,
    Digest,
    EnvironmentName,
    FreezeId,
    PersonId,
    PromotionId,
    ReleaseId,
    RollbackId,
    ServiceName,
    TextRef,
    digest_of,
)
from interlock.domain.moment import NEVER
from interlock.domain.people import AddKey, AddPerson
from interlock.domain.promotion import RequestPromotion
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.rollback import BeginRollback
from interlock.domain.slot import AdoptRunning
from interlock.ledger.codec import Command
from interlock.ledger.keyring import OpenLedger
from interlock.service.wellformed import fault_of

APP, STAGING, V2 = ServiceName("app"), EnvironmentName("staging"), ReleaseId("app:v2")
CONTENT: Final = digest_of(b"content")
TITLE: Final = TextRef("text:" + "0" * 64)
OPEN: Final = OpenChange(ChangeId("CR-1"), APP, ChangeKind.NORMAL, TITLE)
REFRESH: Final = RequestEvidence(CONTENT, CheckId("tests"), STAGING)
PROMOTE: Final = RequestPromotion(PromotionId("app:v2/staging/1"), V2, STAGING)
BACK: Final = BeginRollback(RollbackId("app/staging/rollback-1"), APP, STAGING, V2, "it is slow")
CREATE: Final = CreateRelease(
    V2, APP, "v2", ChangeId("CR-1"), (), "c" * 40, "b" * 40, (PersonId("ann"),), 0, CONTENT, Plans(CONTENT, CONTENT)
)
SHIPPED: Final = Artifact(ComponentName("web"), ArtifactKind.GIT, "c" * 40, CONTENT)
ADOPT: Final = AdoptRunning(APP, STAGING, V2, "v2", (SHIPPED,), "c" * 40, "")
FREEZE: Final = DeclareFreeze(FreezeId("xmas"), (APP,), (STAGING,), NEVER, NEVER, TITLE, ())
RULES: Final = GovernanceRef(CONTENT, CONTENT, CONTENT, (GovernedFile("Makefile", CONTENT),))
PROPOSE: Final = ProposeGovernance(APP, RULES, TITLE)
PERSON: Final = AddPerson(PersonId("ann"), "ssh-ed25519 AAAA", TITLE, ())


@pytest.mark.parametrize("command", [OPEN, REFRESH, PROMOTE, BACK, CREATE, ADOPT, FREEZE, PROPOSE, PERSON])
def test_names_as_they_should_be_are_let_in(command: Command) -> None:
    assert fault_of(command) == ""


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (replace(OPEN, change=ChangeId("")), "change: "),
        (replace(OPEN, change=ChangeId("CR 1")), "change: "),
        (replace(OPEN, change=ChangeId("C" * 201)), "change: "),
        (replace(OPEN, service=ServiceName("App")), "service: "),
        (replace(OPEN, service=ServiceName("app/../other")), "service: "),
        (replace(OPEN, title=TextRef("two\nlines")), "title: that is no commitment"),
        (replace(OPEN, title=TextRef("t" * 101)), "title: that is no commitment"),
        (replace(REFRESH, subject=Digest("sha256:short")), "subject: "),
        (replace(REFRESH, check=CheckId("no check")), "check: "),
        (replace(REFRESH, environment=EnvironmentName("")), "environment: "),
        (replace(BACK, target=ReleaseId("app v2")), "target: "),
        (replace(BACK, rollback=RollbackId("../rollback-1")), "rollback: "),
        (replace(CREATE, version="v 2"), "version: "),
        (replace(PERSON, person=PersonId("Ann")), "person: "),
        (AddKey(PersonId("a\nb"), "ssh-ed25519 AAAA"), "person: "),
        (RecallArtifact(Digest("everything"), TITLE), "digest: "),
        (replace(CREATE, authors=(PersonId("ann"), PersonId("Bo b"))), "authors: 'Bo b' is not a name"),
        (replace(CREATE, commit=""), "commit: '' is no commit"),
        (replace(CREATE, commit="HEAD"), "commit: 'HEAD' is no commit"),
        (replace(CREATE, commit="c" * 41), "commit: "),
        (replace(CREATE, commit="C" * 40), "commit: "),
        (replace(CREATE, commit="c" * 39 + "\n"), "commit: "),
        (replace(CREATE, base="--upload-pack=x"), "base: '--upload-pack=x' is no commit"),
        (replace(CREATE, artifacts=(replace(SHIPPED, component=ComponentName("a=b\n")),)), "artifacts: component: "),
        (replace(CREATE, artifacts=(replace(SHIPPED, digest=Digest("any")),)), "artifacts: digest: "),
        (replace(CREATE, plans=Plans(CONTENT, Digest("any"))), "plans: rollback: "),
        (replace(ADOPT, commit="v2"), "commit: 'v2' is no commit"),
        (replace(FREEZE, services=(APP, ServiceName("../etc"))), "services: '../etc' is not a name"),
        (replace(FREEZE, environments=(EnvironmentName("a b"),)), "environments: 'a b' is not a name"),
        (replace(PROPOSE, governance=replace(RULES, pack=Digest("any"))), "governance: pack: "),
        (
            replace(PROPOSE, governance=replace(RULES, files=(GovernedFile("Makefile", Digest("any")),))),
            "governance: files: digest: ",
        ),
        (replace(PERSON, emails=(TITLE, TextRef("a\nb"))), "emails: that is no commitment"),
    ],
)
def test_what_is_no_name_is_told_with_its_field(command: Command, begins: str) -> None:
    assert fault_of(command).startswith(begins)


def test_a_fault_shows_only_the_beginning_of_what_is_too_long() -> None:
    assert len(fault_of(replace(OPEN, change=ChangeId("C" * 5000)))) < 150


def test_evidence_may_be_about_every_environment_at_once() -> None:
    assert fault_of(replace(REFRESH, environment=EVERYWHERE)) == ""


def test_a_rollback_may_leave_its_target_to_the_rules() -> None:
    assert fault_of(replace(BACK, target=ReleaseId(""))) == ""


def test_a_commit_may_be_one_of_a_repository_of_sha_256() -> None:
    assert fault_of(replace(CREATE, commit="c" * 64, base="b" * 64)) == ""


def test_a_release_may_have_nothing_before_it() -> None:
    assert fault_of(replace(CREATE, base="")) == ""


def test_a_digest_may_be_left_out() -> None:
    assert fault_of(replace(CREATE, declared=Digest(""))) == ""


def test_a_release_is_called_after_its_service_and_version() -> None:
    assert fault_of(replace(CREATE, release=ReleaseId("app:v3"))) == "the release 'app:v3' would be called 'app:v2'"


def test_what_is_delivered_by_itself_is_named_like_every_release() -> None:
    told = fault_of(DeliverHead(CREATE.service, replace(CREATE, release=ReleaseId("app:v3"))))
    assert told == "the release 'app:v3' would be called 'app:v2'"


def test_a_branch_is_a_branch_and_a_head_a_commit() -> None:
    assert fault_of(SeeHead(CREATE.service, "release/1.x", "c" * 40)) == ""
    assert fault_of(SeeHead(CREATE.service, "-x", "c" * 40)).startswith("branch: '-x' is not a branch")
    assert fault_of(SeeHead(CREATE.service, "main", "HEAD")).startswith("head: 'HEAD' is no commit")


@pytest.mark.parametrize("named", ["app:v2/staging/", "app:v2/staging/x", "app:v2/production/1", "other:v2/staging/1"])
def test_a_promotion_is_called_after_its_release_environment_and_number(named: str) -> None:
    told = f"the promotion '{named}' would be called 'app:v2/staging/' and its number"
    assert fault_of(replace(PROMOTE, promotion=PromotionId(named))) == told


def test_a_command_without_names_has_none_to_be_wrong() -> None:
    assert fault_of(OpenLedger("app", "key")) == ""
