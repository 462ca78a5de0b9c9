# SPDX-License-Identifier: Apache-2.0
"""Worlds in which a story was told, and records made by hand."""

from datetime import timedelta

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.codec import Event, encode
from interlock.ledger.record import Record
from interlock.packs.load import Pack, load_pack
from interlock.testing.scenario import Loaded, Passed, load_scenario, perform
from interlock.testing.world import BEGINNING, World


def played(story: str, pack: bytes) -> World:
    """The world after the story, which must go as it is told."""
    world, rules = World(), load_pack("pack.yaml", pack)
    assert isinstance(rules, Pack)
    loaded = load_scenario("story.yaml", story.encode())
    assert isinstance(loaded, Loaded), loaded
    outcome = perform(loaded, pack, rules, world, world)
    assert isinstance(outcome, Passed), outcome
    return world


def a_record(index: int, stream: str, event: Event, actor: str = "person:ann") -> Record:
    """A record of this event, as many minutes after the beginning as its index says."""
    made = encode(event)
    at = BEGINNING + timedelta(minutes=index)
    return Record(
        index, StreamId(stream), 1, at, actor, Assurance.SIGNED, CommandId("c"), made.name, made.version, made.payload
    )
