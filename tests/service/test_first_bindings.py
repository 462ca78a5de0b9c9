# SPDX-License-Identifier: Apache-2.0
from typing import Final

from interlock.domain.ids import PersonId, ServiceName
from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.shelf import Shelf
from interlock.service.first_bindings import Answer, FirstBindings, render

SMOKE: Final = Answer(("http://127.0.0.1/",), "asked")
DEPLOY: Final = Answer(("deploy",), "asked")


def test_every_audience_of_the_pack_is_told_on_a_page_until_somebody_says_where() -> None:
    pack = load_pack("pack.yaml", (Shelf().pack("starter") or b"") + b"audiences: [support]\n")
    assert isinstance(pack, Pack)
    first = FirstBindings(ServiceName("app"), "starter", PersonId("ann"), (), True, DEPLOY, SMOKE, (DEPLOY, DEPLOY), ())
    bound = bind("interlock.yaml", render(first, pack.procedure).encode(), pack.procedure)
    assert isinstance(bound, Bindings), bound
    assert bound.audiences == {"support": ("file:.interlock/messages/support",)}
