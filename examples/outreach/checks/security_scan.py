# SPDX-License-Identifier: Apache-2.0
"""Looks through the code for what is known to go wrong, and writes what it finds as SARIF 2.1.0.

    python3 checks/security_scan.py --report build/security.sarif [--root .]

Reads the syntax, not the text, of every Python file but the tests. Ends with 1 when something was found, and with 2
when a file could not be read: the report then says that the run was not successful, and is no clearance.
"""

import argparse
import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import calling
import tree
from calling import CannotJudge, CheckFailed

VERSION = "1.0.0"
LEFT_OUT = {"tests", "build", "data", "__pycache__", ".git", "history"}
RULES = {
    "eval": ("Text is run as code", "error", "9.8"),
    "shell": ("A command goes through a shell", "error", "8.8"),
    "sql-from-strings": ("A statement is put together from strings where it is executed", "error", "8.6"),
    "assert-for-access": ("An assertion decides who may do something; with -O there is none", "error", "7.5"),
    "unsafe-load": ("Loading this can run whatever was put into it", "error", "8.1"),
    "unverified-tls": ("Nobody looks whose certificate it is", "error", "7.4"),
    "weak-hash": ("This hash keeps nothing safe any more", "warning", "5.3"),
    "weak-random": ("These numbers can be guessed", "warning", "5.3"),
}
EVAL = {"eval", "exec"}
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}
EXECUTE = {"execute", "executemany", "executescript"}
UNSAFE_LOADS = {"pickle.load", "pickle.loads", "marshal.load", "marshal.loads", "yaml.load", "yaml.unsafe_load"}
WEAK_HASHES = {"hashlib.md5", "hashlib.sha1"}
ACCESS_WORDS = ("role", "user", "perm", "allow", "auth", "admin", "token", "tenant", "visitor")


@dataclass(frozen=True)
class Finding:
    rule: str
    file: str
    line: int
    column: int
    source: str


def check(options: argparse.Namespace) -> str:
    """Read every file and write the report; gives the sentence that says it passed."""
    findings: list[Finding] = []
    unread: list[str] = []
    files = sorted(python_files(options.root))
    for file in files:
        name = file.relative_to(options.root).as_posix()
        try:
            text = file.read_text("utf-8")
            findings += scan(name, text)
        except (SyntaxError, UnicodeDecodeError, OSError) as fault:
            unread.append(f"{name}: {fault}")
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(sarif(findings, unread), indent=2) + "\n", "utf-8")
    for finding in findings:
        print(f"{finding.file}:{finding.line}: {finding.rule}: {RULES[finding.rule][0]}", flush=True)
    if unread or not files:
        raise CannotJudge(f"not everything could be read: {', '.join(unread) or 'there is no Python file'}")
    if findings:
        raise CheckFailed(f"{len(findings)} findings in {len(files)} files")
    return f"nothing found in {len(files)} files"


def python_files(root: Path) -> Iterator[Path]:
    """Everything that runs in production, and what judges it."""
    for path in root.rglob("*.py"):
        if not LEFT_OUT & set(path.relative_to(root).parts):
            yield path


def scan(name: str, text: str) -> list[Finding]:
    """What one file holds."""
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        for rule in broken(node):
            line = getattr(node, "lineno", 1)
            found.append(Finding(rule, name, line, getattr(node, "col_offset", 0) + 1, lines[line - 1].strip()))
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.rule))


def broken(node: ast.AST) -> Iterator[str]:
    """The rules that a piece of syntax breaks."""
    if isinstance(node, ast.Assert) and any(word in ast.unparse(node.test).lower() for word in ACCESS_WORDS):
        yield "assert-for-access"
    if not isinstance(node, ast.Call):
        return
    called = dotted(node.func)
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if called in EVAL:
        yield "eval"
    if called in SHELLS or is_constant(given.get("shell"), True):
        yield "shell"
    if called.rpartition(".")[2] in EXECUTE and node.args and is_built(node.args[0]):
        yield "sql-from-strings"
    if called in UNSAFE_LOADS:
        yield "unsafe-load"
    if called == "ssl._create_unverified_context" or is_constant(given.get("verify"), False):
        yield "unverified-tls"
    if called in WEAK_HASHES and not is_constant(given.get("usedforsecurity"), False):
        yield "weak-hash"
    if called.startswith("random."):
        yield "weak-random"


def dotted(node: ast.expr) -> str:
    """The name that is called, as it is written."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_constant(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def is_built(node: ast.expr) -> bool:
    """Whether the text is put together from something that is not written down there."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return not (isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant))
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join")


def sarif(findings: list[Finding], unread: list[str]) -> dict[str, object]:
    """The report."""
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": about},
            "defaultConfiguration": {"level": level},
            "properties": {"security-severity": severity, "tags": ["security"]},
        }
        for rule, (about, level, severity) in RULES.items()
    ]
    notes = [{"level": "error", "message": {"text": text}} for text in unread]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "outreach-security-scan", "version": VERSION, "rules": rules}},
                "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": notes}],
                "columnKind": "unicodeCodePoints",
                "results": [result(finding) for finding in findings],
            }
        ],
    }


def result(finding: Finding) -> dict[str, object]:
    """One finding; its fingerprint outlives a move to another line."""
    about, level, _ = RULES[finding.rule]
    print_of = hashlib.sha256(f"{finding.rule}\n{finding.file}\n{finding.source}".encode()).hexdigest()
    region = {"startLine": finding.line, "startColumn": finding.column}
    place = {"artifactLocation": {"uri": finding.file}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": level,
        "message": {"text": about},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"rule/file/source/v1": print_of},
    }


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--report", type=Path, required=True, metavar="FILE")
    sys.exit(calling.conclude(check, asked.parse_args()))
