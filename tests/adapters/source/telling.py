# SPDX-License-Identifier: Apache-2.0
"""Makes git repositories for tests, under no configuration but its own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from interlock.testing.contracts.source import Is, Story, ToldCommit, ToldFile

_MODES = {Is.PLAIN: "100644", Is.EXECUTABLE: "100755", Is.LINK: "120000"}
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Dana Example",
    "GIT_AUTHOR_EMAIL": "dana@outreach.example",
    "GIT_COMMITTER_NAME": "Dana Example",
    "GIT_COMMITTER_EMAIL": "dana@outreach.example",
    "GIT_AUTHOR_DATE": "1772442000 +0000",
    "GIT_COMMITTER_DATE": "1772442000 +0000",
}


def git(root: Path, *arguments: str | Path, feed: bytes = b"", also: Mapping[str, str] | None = None) -> str:
    """Run git in `root`, with the user's protocol allowed (tests clone from files)."""
    ended = subprocess.run(
        ["git", *arguments], cwd=root, env=_ENVIRONMENT | dict(also or {}), input=feed, capture_output=True, check=True
    )
    return ended.stdout.decode("utf-8", "surrogateescape").strip()


def new_repository(root: Path) -> Path:
    """An empty repository whose branch is `main`."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def commit_all(root: Path, message: str = "Change") -> str:
    """Commit everything in the working tree; gives the object name."""
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", message)
    return git(root, "rev-parse", "HEAD")


def commit_tree(root: Path, listing: bytes) -> str:
    """Commit a tree that no working tree could hold; `listing` is what `git mktree -z --missing` reads."""
    tree = git(root, "mktree", "-z", "--missing", feed=listing)
    return git(root, "commit-tree", tree, "-m", "By hand")


def blob(root: Path, content: bytes) -> str:
    """Store content; gives its object name."""
    return git(root, "hash-object", "-w", "--stdin", feed=content)


def tell(story: Story, root: Path) -> Path:
    """Make a repository of the story, with what lies beside it."""
    new_repository(root)
    marks = {told.name: number for number, told in enumerate(story.commits, 1)}
    git(root, "fast-import", "--quiet", feed=b"".join(_stream(told, marks) for told in story.commits))
    git(root, "reset", "--quiet", "--hard", "main")
    for path, content in {**story.untracked, **story.edited, **story.ignored}.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content)
    return root


def _stream(told: ToldCommit, marks: dict[str, int]) -> bytes:
    name, email = told.author
    who = f"{name} <{email}> {int(told.committed_at.timestamp())} +0100"
    message = told.message.encode()
    head = f"commit refs/heads/main\nmark :{marks[told.name]}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n"
    words = [f"{kind} :{marks[parent]}" for kind, parent in zip(("from", "merge"), told.parents, strict=False)]
    start = ["reset refs/heads/main\n"] if not told.parents else []
    pieces = ["".join(start).encode(), head.encode(), message, "\n".join([*words, "deleteall", ""]).encode()]
    pieces += [_file(path, file) for path, file in told.files.items()]
    pieces += [_tag(tag, marks[told.name], who) for tag in told.tags]
    return b"".join(pieces)


def _file(path: str, file: ToldFile) -> bytes:
    return f"M {_MODES[file.kind]} inline {path}\ndata {len(file.content)}\n".encode() + file.content + b"\n"


def _tag(tag: str, mark: int, who: str) -> bytes:
    """Versions are annotated, other tags lightweight."""
    if not tag.startswith("v"):
        return f"reset refs/tags/{tag}\nfrom :{mark}\n".encode()
    return f"tag {tag}\nfrom :{mark}\ntagger {who}\ndata {len(tag)}\n{tag}\n".encode()
