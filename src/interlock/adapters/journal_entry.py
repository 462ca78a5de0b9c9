# SPDX-License-Identifier: Apache-2.0
"""What every journal refuses before it writes anything: governed files, paths that lead elsewhere, odd branches."""

from interlock.domain.ids import parse_branch
from interlock.packs.keeping import require_inside
from interlock.ports.failure import Rejected
from interlock.ports.journal import Entry


def require_writable(entry: Entry) -> None:
    """Raises `Rejected` for an entry that must not be written. Some file systems take no notice of capitals."""
    governed = {path.casefold() for path in entry.governed}
    for path in entry.files:
        try:
            require_inside(path)
        except ValueError as fault:
            raise Rejected("journal.bad_path", str(fault), "name another under records.paths") from fault
        if path.casefold() in governed:
            sentence = f"'{path}' is a governed file: it changes by an approved proposal, never by a record"
            raise Rejected("journal.governed_path", sentence, "name another under records.paths")
    for branch in (entry.branch, entry.instead):
        try:
            parse_branch(branch)
        except ValueError as fault:
            raise Rejected("journal.bad_branch", str(fault), "name another under records.branch") from fault
