# SPDX-License-Identifier: Apache-2.0
"""The addresses where a person would look for what they want to do: one for each writing verb of the command line."""

from typing import Any, Final

from litestar.handlers import HTTPRouteHandler

from interlock.api.verbs import adopting, guarding, incidents, releases
from interlock.api.verbs.asking import Verb, handler_of

TABLE: Final[tuple[Verb[Any], ...]] = (*releases.VERBS, *guarding.VERBS, *incidents.VERBS, *adopting.VERBS)


def handlers() -> list[HTTPRouteHandler]:
    """Their routes."""
    return [handler_of(verb) for verb in TABLE]
