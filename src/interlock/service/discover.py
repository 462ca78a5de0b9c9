# SPDX-License-Identifier: Apache-2.0
"""What a repository tells about itself: how it is tested, deployed and asked for its health.

1. Only what stands in a file is proposed, and each proposal names the file it was found in. Nothing is run.
2. What could not be found is said, so that a person can be asked; no placeholder is put in its place.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from interlock.ports.source import NoSuchFile, SourceRepository

_LARGEST: Final = 200_000
_TARGET: Final = re.compile(r"^([A-Za-z0-9_.-]+)\s*:(?!=)", re.MULTILINE)
_TEST_FILE: Final = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
_PYTEST: Final = re.compile(r"^\s*(import|from) pytest\b", re.MULTILINE)
_UNITTEST: Final = re.compile(r"^\s*(import|from) unittest\b", re.MULTILINE)
_LOOKED_INTO: Final = 20
"""How many test files are read to learn what they need."""
_ENVIRONMENTS: Final = ("ENVIRONMENT", "ENV", "STAGE", "TARGET", "environment", "env")
_VERSIONS: Final = ("VERSION", "TAG", "RELEASE", "version", "tag")
_PORT: Final = re.compile(r"^\s*EXPOSE\s+(\d{2,5})", re.MULTILINE | re.IGNORECASE)
_PUBLISHED: Final = re.compile(r"[\"']?(?:127\.0\.0\.1:)?(\d{2,5}):\d{2,5}[\"']?\s*$", re.MULTILINE)
_HEALTH: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d+)?(/[\w./-]*)")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something found: what to write, and where it was seen."""

    value: tuple[str, ...]
    found_in: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing said so; `looked_in` names the places."""

    looked_in: str


Found = Proposal | NotFound


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found out about a repository."""

    name: Proposal
    tests: Found
    deploy: Found
    health: Found
    pipelines: tuple[str, ...]
    """CI files, for a person to compare with."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one commit, read when needed."""

    source: SourceRepository
    revision: str
    paths: frozenset[str]

    def text(self, path: str) -> str:
        """A file's text; empty when it is not there, too large or not text."""
        if path not in self.paths:
            return ""
        found = self.source.read(self.revision, path)
        if isinstance(found, NoSuchFile) or len(found.content) > _LARGEST:
            return ""
        return found.content.decode("utf-8", errors="ignore")


def discover(source: SourceRepository, revision: str, folder: str) -> Discovery:
    """Look through the commit. `folder` is the checkout's own name, the last resort for a name."""
    tree = Tree(source, revision, frozenset(source.paths(revision)))
    return Discovery(
        name=_first(tree, _name_from_package) or Proposal((as_name(folder),), "the folder's name"),
        tests=_first(tree, _make_tests, _node_tests, _python_tests, _tox, _other_tests)
        or NotFound("Makefile, package.json, test_*.py, tox.ini, go.mod, Cargo.toml"),
        deploy=_first(tree, _deploy_script, _make_deploy, _compose)
        or NotFound("Makefile, deploy scripts, compose files"),
        health=_first(tree, _smoke_script, _make_smoke, _health_address)
        or NotFound("Makefile, smoke scripts, Dockerfile, compose files"),
        pipelines=tuple(sorted(path for path in tree.paths if _is_pipeline(path))),
    )


Look = Callable[[Tree], Iterator[Proposal]]


def _first(tree: Tree, *looks: Look) -> Proposal | None:
    for look in looks:
        for proposal in look(tree):
            return proposal
    return None


def _name_from_package(tree: Tree) -> Iterator[Proposal]:
    project = _toml(tree.text("pyproject.toml")).get("project")
    if isinstance(project, dict) and isinstance(project.get("name"), str):
        yield Proposal((as_name(project["name"]),), "pyproject.toml")
    name = _json(tree.text("package.json")).get("name")
    if isinstance(name, str):
        yield Proposal((as_name(name.rpartition("/")[2]),), "package.json")


def _make_tests(tree: Tree) -> Iterator[Proposal]:
    for target in ("test", "tests", "check"):
        if target in _targets(tree):
            yield Proposal(("make", target), _makefile_name(tree))


def _node_tests(tree: Tree) -> Iterator[Proposal]:
    scripts = _json(tree.text("package.json")).get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if isinstance(script, str) and "no test specified" not in script:
        yield Proposal(("npm", "test"), "package.json")


def _python_tests(tree: Tree) -> Iterator[Proposal]:
    """By what the tests themselves import; a runner that is only configured says less, and tox would build first."""
    tested = sorted(path for path in tree.paths if _TEST_FILE.search(path))
    if not tested:
        return
    if _uses_pytest(tree, tested):
        yield Proposal(("python3", "-m", "pytest", "-q"), tested[0])
        return
    folder = tested[0].rpartition("/")[0]
    pattern = () if tested[0].rpartition("/")[2].startswith("test_") else ("-p", "*_test.py")
    where = ("-s", folder, *(("-t", ".") if f"{folder}/__init__.py" in tree.paths else ())) if folder else ()
    yield Proposal(("python3", "-m", "unittest", "discover", *where, *pattern), tested[0])


def _uses_pytest(tree: Tree, tested: list[str]) -> bool:
    texts = [tree.text(path) for path in tested[:_LOOKED_INTO]]
    if any(_PYTEST.search(text) for text in texts):
        return True
    if any(_UNITTEST.search(text) for text in texts):
        return False
    names = {path.rpartition("/")[2] for path in tree.paths}
    told = "".join(tree.text(path) for path in ("pyproject.toml", "setup.cfg", "requirements.txt", "tox.ini"))
    return bool(names & {"conftest.py", "pytest.ini"}) or "pytest" in told


def _tox(tree: Tree) -> Iterator[Proposal]:
    if "tox.ini" in tree.paths:
        yield Proposal(("tox",), "tox.ini")


def _other_tests(tree: Tree) -> Iterator[Proposal]:
    if "go.mod" in tree.paths:
        yield Proposal(("go", "test", "./..."), "go.mod")
    if "Cargo.toml" in tree.paths:
        yield Proposal(("cargo", "test"), "Cargo.toml")


def _deploy_script(tree: Tree) -> Iterator[Proposal]:
    for path in _scripts(tree, "deploy"):
        yield Proposal((f"./{path}", "{environment}", "{version}"), path)


def _make_deploy(tree: Tree) -> Iterator[Proposal]:
    if "deploy" in _targets(tree):
        yield Proposal(("make", "deploy", *_make_variables(tree)), _makefile_name(tree))


def _smoke_script(tree: Tree) -> Iterator[Proposal]:
    for word in ("smoke", "smoke-test", "smoke_test", "healthcheck"):
        for path in _scripts(tree, word):
            yield Proposal((f"./{path}", "{environment}", "{version}"), path)


def _make_smoke(tree: Tree) -> Iterator[Proposal]:
    for target in ("smoke", "smoke-test", "healthcheck"):
        if target in _targets(tree):
            yield Proposal(("make", target, *_make_variables(tree)), _makefile_name(tree))


def _scripts(tree: Tree, word: str) -> Iterator[str]:
    for folder in ("", "scripts/", "bin/", "script/", "tools/", "ci/"):
        for ending in (".sh", "", ".py"):
            if f"{folder}{word}{ending}" in tree.paths:
                yield f"{folder}{word}{ending}"


def _make_variables(tree: Tree) -> Iterator[str]:
    """The environment and the version under the names this Makefile uses for them."""
    text = _makefile(tree)
    for names, word in ((_ENVIRONMENTS, "{environment}"), (_VERSIONS, "{version}")):
        used = [name for name in names if f"$({name})" in text or f"${{{name}}}" in text]
        yield f"{used[0] if used else names[0]}={word}"


def _compose(tree: Tree) -> Iterator[Proposal]:
    for path in ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"):
        if path in tree.paths:
            yield Proposal(("docker", "compose", "-p", "{service}-{environment}", "up", "--detach", "--build"), path)


def _health_address(tree: Tree) -> Iterator[Proposal]:
    for path in ("Dockerfile", "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"):
        text = tree.text(path)
        port = _PORT.search(text) or _PUBLISHED.search(text)
        if port:
            asked = _HEALTH.search(text)
            yield Proposal((f"http://127.0.0.1:{port.group(1)}{asked.group(1) if asked else '/'}",), path)


def _is_pipeline(path: str) -> bool:
    return path in {".gitlab-ci.yml", "Jenkinsfile", ".travis.yml", "azure-pipelines.yml"} or bool(
        re.fullmatch(r"(\.github/workflows|\.circleci|\.buildkite)/[^/]+\.ya?ml", path)
    )


def _targets(tree: Tree) -> frozenset[str]:
    return frozenset(_TARGET.findall(_makefile(tree)))


def _makefile(tree: Tree) -> str:
    return tree.text(_makefile_name(tree))


def _makefile_name(tree: Tree) -> str:
    """The one that `make` reads."""
    return next((name for name in ("GNUmakefile", "makefile", "Makefile") if name in tree.paths), "Makefile")


def _toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _json(text: str) -> Mapping[str, object]:
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def as_name(text: str) -> str:
    """The nearest name that Interlock accepts."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")
    return plain[:63] or "service"
