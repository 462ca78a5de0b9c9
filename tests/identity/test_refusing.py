# SPDX-License-Identifier: Apache-2.0
"""What whoever is not known is told of a fault."""

import pytest

from interlock.identity.refusing import unable
from interlock.ports.failure import Unavailable

PLACE = "/srv/shop/.interlock"


@pytest.mark.parametrize("code", ["store.replaced", "store.io_error", "accounts.replaced", "server.no_room"])
def test_nobody_is_told_where_anything_lies(code: str) -> None:
    found = unable(Unavailable(code, f"'{PLACE}/ledger.db' is gone", f"look at {PLACE}"))
    assert found.to_json()["code"] == code
    assert PLACE.encode() not in found.body


def test_what_is_of_no_file_is_told_as_it_is() -> None:
    found = unable(Unavailable("oidc.unavailable", "the provider does not answer", "try again"))
    assert found.to_json()["detail"] == "the provider does not answer"
