# SPDX-License-Identifier: Apache-2.0
"""Chapter 7: somebody who trusts nobody, with a copy, the ledger's public key and a checkpoint from earlier."""

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scene import ANN, BEN, Scene, seconds_since
from shell import DemoFailed, Person
from tampering import cut_the_tail, flip_a_byte, invent_an_approval, remove_a_record

OLA: Final = Person("ola", "Ola Outside", "ola@auditor.example")
FOLDER: Final = "outsider"
KEY: Final = "ledger.pub"
CHECKPOINT: Final = "checkpoint"
COPY: Final = "handed-over"
OLDER: Final = "older-copy"
NAMESPACE: Final = "command@interlock"
WRONG: Final = ("fail", "error")
AT_ONCE: Final = 2
"""Copies that are verified at the same time."""


def remember(scene: Scene) -> None:
    """What the outsider was given earlier: the ledger's public key, and a checkpoint."""
    folder = scene.root / FOLDER
    key = scene.quietly(ANN, "interlock", "ledger", "key", "--json")
    (folder / KEY).write_text(str(json.loads(key)["key"]) + "\n")
    scene.do(ANN, f"interlock ledger checkpoint --save ../{FOLDER}/{CHECKPOINT}")


def keep_older_copy(scene: Scene) -> None:
    """A genuine copy from before the outsider's checkpoint, to be passed off as the whole later on."""
    scene.quietly(ANN, "interlock", "ledger", "export", f"../{FOLDER}/{OLDER}")


def verify(scene: Scene) -> None:
    """Export, verify, check one approval without Interlock, and find every tampered copy."""
    folder = scene.root / FOLDER
    scene.say(
        "Ann hands over a copy. Ola, in another house, has no ledger: only the public key and the checkpoint "
        "from earlier."
    )
    scene.do(ANN, f"interlock ledger export ../{FOLDER}/{COPY}")
    began = time.monotonic()
    command = f"interlock ledger verify {COPY} --key {KEY} --since {CHECKPOINT} --recompute"
    scene.do(OLA, command, folder=folder)
    scene.measured.values["verify_seconds"] = round(seconds_since(began), 2)
    scene.measured.values["records"] = len((folder / COPY / "records.jsonl").read_bytes().splitlines())
    _with_openssh_alone(scene, folder / COPY)
    _tampered(scene, folder)


def _with_openssh_alone(scene: Scene, copy: Path) -> None:
    """Ben's approval of v1.1.0, by `ssh-keygen` and nothing of ours."""
    scene.say("Does she have to trust Interlock for that? Ben's approval of v1.1.0, with OpenSSH alone:")
    for line in (copy / "commands" / "index.tsv").read_text().splitlines():
        name, person, when = line.split("\t")
        body = json.loads((copy / "commands" / f"{name}.json").read_bytes())
        if person == BEN.handle and body["command"] == "Approve":
            break
    else:
        raise DemoFailed("the copy holds no approval by ben")
    command = (
        f"ssh-keygen -Y verify -f people/allowed_signers -I {person} -n {NAMESPACE} "
        f"-O verify-time={when} -s commands/{name}.sig"
    )
    scene.do(OLA, command, folder=copy, reads=f"commands/{name}.json")


def _tampered(scene: Scene, folder: Path) -> None:
    scene.say("And copies that somebody changed? Each time all else is as it was handed over.")
    ledger_key = scene.repository / ".interlock" / "ledger.key"

    def invent(copy: Path) -> None:
        invent_an_approval(copy, BEN.handle, "outreach:v1.2.0", ledger_key)

    cases: tuple[tuple[str, str, Callable[[Path], None]], ...] = (
        ("one bit flipped in a record", "ledger.root", flip_a_byte),
        ("one record taken out", "ledger.order", remove_a_record),
        ("an approval by Ben that he never gave, made with the ledger's own key", "ledger.signatures", invent),
        ("the newest records cut off", "ledger.root", cut_the_tail),
    )
    older, earlier = folder / OLDER, ("--since", CHECKPOINT)
    copies = [(folder / f"tampered-{number}", *case) for number, case in enumerate(cases, start=1)]
    for copy, _, _, change in copies:
        shutil.copytree(folder / COPY, copy)
        change(copy)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        genuine = hands.submit(_verify, scene, older, ())
        late = hands.submit(_verify, scene, older, earlier)
        verified = hands.map(lambda one: _verify(scene, one[0], earlier), copies)
        for (_, words, by, _), found in zip(copies, verified, strict=True):
            _must_be_found(scene, found, words, by)
    if not genuine.result().is_right:
        raise DemoFailed("the older copy is genuine, and was found wrong without a checkpoint")
    words = "an older copy, right in itself, passed off as the whole"
    _must_be_found(scene, late.result(), words, "ledger.remembered")


@dataclass(frozen=True, slots=True)
class Verified:
    """What `interlock ledger verify` said of a copy; `wrong` holds (code, sentence) of what it found."""

    is_right: bool
    wrong: tuple[tuple[str, str], ...]


def _must_be_found(scene: Scene, found: Verified, words: str, by: str) -> None:
    """The copy has to be rejected, by that check and perhaps by others."""
    codes = [code for code, _ in found.wrong]
    sentences = dict(reversed(found.wrong))
    scene.measured.tampering.append({"what": words, "found": not found.is_right, "by": codes})
    if found.is_right or by not in sentences:
        raise DemoFailed(f"not noticed by {by}, only by {codes}: {words}")
    scene.screen.line()
    scene.screen.fact(words, is_good=False)
    scene.screen.output(f"  rejected: {sentences[by]}")


def _verify(scene: Scene, copy: Path, more: tuple[str, ...]) -> Verified:
    """What `interlock ledger verify` says, whether it is content or not."""
    argv = ["interlock", "ledger", "verify", copy.name, "--key", KEY, *more, "--json"]
    ended = scene.shell.run(argv, copy.parent, scene.shell.environment(OLA))
    try:
        said = json.loads(ended.text)
        checks = said["checks"]
        wrong = tuple((one["code"], _why(one)) for one in checks if one["verdict"] in WRONG)
        return Verified(bool(said["right"]), wrong)
    except (ValueError, KeyError) as fault:
        raise DemoFailed(f"`{' '.join(argv)}` said: {ended.text}") from fault


def _why(check: dict[str, Any]) -> str:
    """The first thing that is wrong, as deep as it is told."""
    for child in check["children"]:
        if child["verdict"] in WRONG:
            return f"{child['subject']}: {child['sentence']}"
    return str(check["sentence"])
