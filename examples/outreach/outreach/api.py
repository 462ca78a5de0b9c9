# SPDX-License-Identifier: Apache-2.0
"""Reading what programs send: one JSON object, with the fields that are asked for and of the kind they must be."""

import json
from http import HTTPStatus
from typing import TypeVar

from outreach.refusals import Refused
from outreach.web import Visit

LARGEST = 2**53 - 1
"""The largest number that every reader of JSON keeps as it is."""
Kind = TypeVar("Kind", str, int)


class Body:
    """The JSON object of a request. Asking it for a field that is not there, or is something else, refuses it."""

    def __init__(self, visit: Visit) -> None:
        try:
            document = json.loads(visit.request.body)
        except ValueError as fault:
            raise bad(HTTPStatus.BAD_REQUEST, "Send one JSON object.") from fault
        if not isinstance(document, dict):
            raise bad(HTTPStatus.BAD_REQUEST, "Send one JSON object.")
        self._document = document

    def text(self, name: str) -> str:
        """A text without blanks around it."""
        return self._one(name, str, "a text").strip()

    def number(self, name: str) -> int:
        """A whole number."""
        found = self._one(name, int, "a whole number")
        if abs(found) > LARGEST:
            raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} is too large.")
        return found

    def numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = self._document.get(name)
        if not isinstance(found, list) or not all(type(item) is int and abs(item) <= LARGEST for item in found):
            raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} must be a list of whole numbers.")
        return tuple(found)

    def _one(self, name: str, kind: type[Kind], words: str) -> Kind:
        found = self._document.get(name)
        if type(found) is not kind:  # `isinstance` takes True for a number
            raise bad(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} must be {words}.")
        return found


def bad(status: HTTPStatus, words: str) -> Refused:
    """A refusal to a program."""
    return Refused(status, "Not understood", words)
