# SPDX-License-Identifier: Apache-2.0
"""Which headings of a document say something."""

import pytest

from interlock.service.document import LARGEST, Unreadable, headings_of


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("", ()),
        ("no heading at all\n", ()),
        ("# Summary\n\nFaster.\n", ("Summary",)),
        ("# Summary\n\n# Known issues\n\nNone.\n", ("Known issues",)),
        ("# Summary\n<!-- fill in -->\n", ()),
        ("# Summary\n\n---\n", ()),
        ("# Summary\n\n-\n-\n", ()),
        ("# Summary\n\n- one\n", ("Summary",)),
        ("# Notes\n\n## Summary\n\nFaster.\n\n## Empty\n", ("Notes", "Summary")),
        ("# Notes\n\n## Empty\n\n# Other\n\ntext\n", ("Other",)),
        ("Summary\n=======\n\nFaster.\n", ("Summary",)),
        ("# Summary\n\n```\n# Known issues\n```\n", ("Summary",)),
        ("# Summary\n\n    code\n", ("Summary",)),
        ("# Summary\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", ("Summary",)),
        ("# Known   issues #\n\nNone.\n", ("Known issues",)),
        ("# Summary\n\na\n\n# Summary\n\nb\n", ("Summary",)),
        ("#\n\ntext\n", ()),
        ("# Größe\n\nRuhig.\n", ("Größe",)),
    ],
)
def test_a_heading_says_something_when_there_is_text_below_it(text: str, sections: tuple[str, ...]) -> None:
    assert headings_of(text.encode()) == sections


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe#", b"# a\x00\n\nb\n", b"a" * (LARGEST + 1), b"".join(b"# h%d\n\nx\n" % one for one in range(300))],
)
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        headings_of(content)
