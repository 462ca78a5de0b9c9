# SPDX-License-Identifier: Apache-2.0
"""What a message says when it is delivered: what it quotes, and how the service stands.

Words that were erased meanwhile, and documents that cannot be read, leave a word in their place: a message may have a
gap, and is not lost.
"""

import re
from collections.abc import Mapping
from typing import Final, assert_never

from interlock.domain.action import Quote, Tell
from interlock.domain.ids import Digest, EnvironmentName, PromotionId, RollbackId, ServiceName, TextRef
from interlock.domain.procedure import Governance
from interlock.domain.slot import LiveStanding, OccupantKind, SlotState
from interlock.ledger.record import SaltedText
from interlock.ports.notify import Message, Place, Urgency
from interlock.ports.store import Erased, LedgerStore, Missing
from interlock.service.document import Unreadable, section_of
from interlock.service.view import View

LONGEST_TITLE: Final = 200
ERASED: Final = "(erased)"
NOT_KEPT: Final = "(not kept)"
UNREADABLE: Final = "(cannot be read)"
UNWRITTEN: Final = "(nothing is written there)"

_WORD: Final = re.compile(r"\{([^{}]*)\}")
_PERSONAL: Final = "text:"


def letter(store: LedgerStore, action: Tell, service: ServiceName, places: tuple[Place, ...]) -> Message:
    """The message as it is told now. Raises `PortFailure` when what it quotes cannot be looked up now."""
    words = {quote.name: _words(store, quote) for quote in action.quotes}
    title = " ".join(_filled(action.title, words).split())[:LONGEST_TITLE]
    return Message(title, _filled(action.body, words), Urgency(action.tone), service, action.to, places)


def places_of(view: View, governance: Governance) -> tuple[Place, ...]:
    """How the service stands in every environment, in the order of the procedure."""
    names = (one.name for one in governance.procedure.environments)
    return tuple(_place(view, name, view.slot(governance.service, name)) for name in names)


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Every quote in its place; what is put in is not looked at again."""
    return _WORD.sub(lambda found: words.get(found.group(1), found.group(0)), text)


def _words(store: LedgerStore, quote: Quote) -> str:
    return _said(store, TextRef(quote.of)) if quote.of.startswith(_PERSONAL) else _section(store, quote)


def _said(store: LedgerStore, ref: TextRef) -> str:
    match store.text(ref):
        case SaltedText(words=words):
            return words
        case Erased():
            return ERASED
        case Missing():
            return NOT_KEPT


def _section(store: LedgerStore, quote: Quote) -> str:
    content = store.blob(Digest(quote.of))
    if isinstance(content, Missing):
        return NOT_KEPT
    try:
        return section_of(content, quote.section) or UNWRITTEN
    except Unreadable:
        return UNREADABLE


def _place(view: View, environment: EnvironmentName, slot: SlotState) -> Place:
    live = slot.live.release
    version = view.release(live).version if live else ""
    standing = slot.standing.value if version and slot.standing is not LiveStanding.UNPROVEN else ""
    return Place(environment, version, standing, _under_way(view, slot))


def _under_way(view: View, slot: SlotState) -> str:
    match slot.kind:
        case OccupantKind.FREE:
            return ""
        case OccupantKind.PROMOTION:
            promotion = view.promotion(PromotionId(slot.occupant))
            return f"{view.release(promotion.release).version} {promotion.phase}"
        case OccupantKind.ROLLBACK:
            rollback = view.rollback(RollbackId(slot.occupant))
            return f"rolling back, {rollback.phase}"
        case _:
            assert_never(slot.kind)
