# SPDX-License-Identifier: Apache-2.0
"""A draft played as if it were in force: only a story may do that, and it governs nothing."""

import re
from typing import Final

_DRAFT: Final = re.compile(rb"^(status:[ \t]*)([\"']?)draft\2(?=[ \t\r\n#]|$)", re.MULTILINE)


def as_if_active(pack: bytes) -> bytes:
    """The text of a pack with the status that a story needs; a pack that is no draft is left as it is."""
    return _DRAFT.sub(rb"\1\2active\2", pack, count=1)
