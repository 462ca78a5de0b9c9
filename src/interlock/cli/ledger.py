# SPDX-License-Identifier: Apache-2.0
"""`interlock ledger`: the record itself. Copies of it, checking them, its keys, its witnesses, erasing words.

Verifying and witnessing need no ledger of one's own, only a copy and public keys.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, reading
from interlock.cli.text import BLANK, Block, Line, Rows, good, para, quiet, step, strong, warn
from interlock.config import GIT
from interlock.domain.ids import StreamId, TextRef

if TYPE_CHECKING:
    from interlock.bootstrap.houses import House
    from interlock.ledger.record import Record

app = App(name="ledger", help="The record itself: export, verify, witness, erase.")

ReasonText = Annotated[str, Parameter(name="--reason", help="Why, without names: it stays in the record for ever.")]

app.command("interlock.cli.ledger_verify:verify", name="verify", help="Check a copy, offline, with public keys alone.")
app.command("interlock.cli.ledger_keys:checkpoint", name="checkpoint", help="What to remember, or to have witnessed.")
app.command("interlock.cli.ledger_keys:witness", name="witness", help="Countersign somebody's checkpoint.")
app.command("interlock.cli.ledger_keys:rotate_key", name="rotate-key", help="Hand over to a new ledger key.")
app.command("interlock.cli.ledger_keys:key", name="key", help="The ledger's public key, to be given to others.")


@app.command
def export(
    folder: Annotated[Path, Parameter(help="A folder that is not there yet.")],
    /,
    *,
    no_texts: Annotated[bool, Parameter(help="Leave people's words out: names, reasons, comments.")] = False,
) -> Report:
    """Write a copy that others can verify."""
    from interlock.service.export import Words
    from interlock.service.export import export as write

    with reading() as session:
        words = Words.LEFT_OUT if no_texts else Words.INCLUDED
        done = write(session.house.store, folder, words, _witnessed(session.home.folder / "witnesses"))
        warning = _in_the_way(session.house, folder)
    data: dict[str, Json] = {"folder": str(folder), "records": done.records, "files": done.files, "bytes": done.size}
    return Report(
        {**data, "words": words.value, "uncommitted": bool(warning)},
        (
            para(good("✓ "), strong(str(folder)), f" holds {done.records} records in {done.files} files"),
            para(quiet(f"  people's words are {words.value}")),
            step(f"anybody can check it: `interlock ledger verify {folder} --key KEY`"),
            step("KEY is what `interlock ledger key` says; give it by another way than the copy"),
            *warning,
        ),
    )


@app.command
def show(
    *,
    stream: Annotated[str, Parameter(help="Only streams that begin with this.")] = "",
    last: Annotated[int, Parameter(help="Only this many, the newest.")] = 20,
) -> Report:
    """The newest records as they are, oldest first."""
    if last < 1:
        raise Fault("usage", "--last is a number above 0")
    with reading() as session:
        store = session.house.store
        if stream:
            names = store.streams(stream)
            found = [record for name in names for record in store.stream(StreamId(name))]
            records = sorted(found, key=lambda record: record.index)[-last:]
        else:
            records = list(store.records(since=max(0, store.head().size - last)))
    data: list[Json] = [_as_json(record) for record in records]
    rows = tuple(_as_row(record) for record in records)
    return Report({"records": data}, (Rows(rows),) if rows else (para(quiet("nothing is recorded there")),))


@app.command
def erase(
    ref: Annotated[str, Parameter(name="TEXT_REF", help="The reference of the words: text:...")],
    /,
    *,
    reason: ReasonText,
    me: Me = ME,
) -> Report:
    """Erase somebody's words for ever. The record keeps that there were some, and every proof stays."""
    from interlock.ledger.keyring import EraseText
    from interlock.ports.store import Missing
    from interlock.service.speak import given

    text = TextRef(ref)
    with reading() as session:
        if isinstance(session.house.store.text(text), Missing):
            raise Fault("ledger.unknown_text", f"there are no words '{ref}'", "see `interlock ledger show --json`")
        done = session.speak(me).say(EraseText(text, given(reason)), f"erase {ref}")
    return Report(
        {"ref": ref, "command": done.id, "record": done.records[-1].index},
        (
            para(good("✓ "), "the words are erased", quiet(f"  by record {done.records[-1].index}")),
            BLANK,
            para(quiet("Copies that were exported before still hold them: ask who has one to delete it.")),
        ),
    )


def _in_the_way(house: "House", folder: Path) -> tuple[Block, ...]:
    """A copy in the checkout that git does not ignore would hold the next release as `source.uncommitted`."""
    top, place = house.home.repository, folder.resolve()
    if not (top / GIT).exists() or not place.is_relative_to(top):
        return ()
    inside = place.relative_to(top).as_posix()
    if not any(path.startswith(f"{inside}/") for path in house.repository.uncommitted()):
        return ()
    return (
        para(warn("! "), "git sees it in your checkout as not committed", quiet("  [source.uncommitted]"), hang=2),
        step("move it out of the repository, or let git ignore it; no release can be created before"),
    )


def _witnessed(folder: Path) -> tuple[str, ...]:
    """Countersigned checkpoints that were given back to us."""
    return tuple(path.read_text("utf-8") for path in sorted(folder.glob("*.note")))


def _as_json(record: "Record") -> dict[str, Json]:
    import json

    from interlock.ledger.canonical import encode

    decoded: dict[str, Json] = json.loads(encode(record))
    return decoded


def _as_row(record: "Record") -> Line:
    when = f"{record.time:%Y-%m-%d %H:%M:%S}"
    return (quiet(f"{record.index}"), quiet(when), strong(record.event), record.stream, quiet(record.actor))
