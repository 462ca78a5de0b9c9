# SPDX-License-Identifier: Apache-2.0
from tests.web.worlds import excepted, look


def test_a_freeze_is_waited_for_until_its_end_or_until_somebody_lifts_it() -> None:
    now = look(excepted().world)
    (service,) = now.viewer.status(now.services).services
    waits = {one.finding.code: one.whom.other for one in service.releases[0].awaited}
    assert waits["freeze.active"] == "its end, or a person"
