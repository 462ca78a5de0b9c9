# SPDX-License-Identifier: Apache-2.0
"""How the service says no: as a page to people, as JSON to programs, in the same words."""

from http import HTTPStatus

from outreach import pages
from outreach.web import Response, Visit, as_json, page


class Refused(Exception):
    """What was asked cannot be done; `words` say why to whoever asked."""

    def __init__(self, status: HTTPStatus, title: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.title = title
        self.words = words


def refusal(visit: Visit, status: HTTPStatus, title: str, words: str) -> Response:
    """The answer to who asked."""
    if visit.request.is_api:
        return as_json({"error": words}, status)
    return page(pages.message(visit, title, words), status)


def not_there(words: str) -> Refused:
    """For a number that is nobody's, or another tenant's: the answer is the same."""
    return Refused(HTTPStatus.NOT_FOUND, "Not there", words)
