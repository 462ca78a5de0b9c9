# SPDX-License-Identifier: Apache-2.0
"""`interlock people`: who takes part, and with which keys they sign.

The first person of a ledger registers themself with the key they sign with. Names and addresses are kept beside the
ledger and can be erased.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from interlock.cli.naming import ReasonOption, file_content
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import Me, Session, Voice, reading
from interlock.cli.text import Line, Para, Rows, good, para, quiet, step, strong, warn
from interlock.domain.ids import PersonId, TextRef, parse_name

if TYPE_CHECKING:
    from interlock.domain.people import People

app = App(name="people", help="Who takes part, and with which keys they sign.")

HandleArg = Annotated[str, Parameter(name="HANDLE", help="How the person is called here: a-z 0-9 . _ -")]
KeyFile = Annotated[str, Parameter(name="--key", help="The SSH public key, or the private key beside it.")]
SigningKey = Annotated[str, Parameter(name="--by", help="The key you sign this with, if it is not your usual one.")]

_SHOWN: Final = 20


@app.command
def add(
    handle: HandleArg,
    /,
    *,
    key: KeyFile,
    name: Annotated[str, Parameter(help="Their name, as people say it.")] = "",
    email: Annotated[tuple[str, ...], Parameter(help="An address they commit with; may be given again.")] = (),
    by: SigningKey = "",
) -> Report:
    """Register a person with a key. The first person registers themself."""
    from interlock.domain.people import AddPerson

    person = _handle(handle)
    line = _public_key(key)
    with reading() as session:
        voice = _adder(session, person, key, by)
        done = voice.say(
            AddPerson(
                person,
                line,
                voice.speaker.aside(name),
                tuple(voice.speaker.words(address, "the address") for address in email),
            ),
            f"register {person}",
        )
    told: tuple[Para, ...] = ()
    if not email:
        told = (step("their commits are recognised by address: give --email with the one they commit with"),)
    return Report(
        {"person": person, "key": line, "command": done.id},
        (para(good("✓ "), strong(person), " is registered", quiet(f"  {_short(line)}")), *told),
    )


@app.command
def add_key(handle: HandleArg, /, *, key: KeyFile, by: SigningKey = "") -> Report:
    """Register a further key of your own, signed with one that is registered already."""
    from interlock.domain.people import AddKey

    person, line = _handle(handle), _public_key(key)
    with reading() as session:
        done = session.speak(Me(by)).say(AddKey(person, line), f"add a key of {person}")
    return Report(
        {"person": person, "key": line, "command": done.id},
        (para(good("✓ "), strong(person), " may sign with ", quiet(_short(line))),),
    )


@app.command
def revoke_key(handle: HandleArg, /, *, key: KeyFile, reason: ReasonOption, by: SigningKey = "") -> Report:
    """Take a key out of force, for ever. Anybody registered may."""
    from interlock.domain.people import RevokeKey

    person, line = _handle(handle), _public_key(key)
    with reading() as session:
        voice = session.speak(Me(by))
        done = voice.say(RevokeKey(person, line, voice.speaker.words(reason)), f"revoke a key of {person}")
    return Report(
        {"person": person, "key": line, "command": done.id},
        (para(good("✓ "), "that key of ", strong(person), " counts no more", quiet(f"  {_short(line)}")),),
    )


@app.command(name="list")
def list_people() -> Report:
    """Everybody who is registered, what they hold and with which keys they sign."""
    from interlock.cli.naming import services
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import people

    with reading() as session:
        data: list[Json] = []
        rows: list[Line] = []
        for one in people(session.gatherer, session.house.store, services(session)):
            data.append(plain(one))
            shown = ", ".join(_short(key) for key in one.keys) or "no key in force"
            rows.append((strong(one.person), one.name, ", ".join(one.roles) or quiet("no role"), quiet(shown)))
        if not rows:
            return Report({"people": []}, (para(quiet("nobody is registered yet")), _first_step()))
        return Report({"people": data}, (Rows(tuple(rows)),))


def solo_note(people: Iterable[PersonId], indent: int) -> Iterator[Para]:
    """The line that says that these people work alone; none when nobody does."""
    names = ", ".join(people)
    if names:
        lead = warn(f"{' ' * indent}! solo mode: ")
        yield para(lead, f"{names} may agree with themself; nobody else has to", hang=indent + 2)


def words_of(session: Session, ref: TextRef) -> str:
    """What somebody said, or that it is erased."""
    from interlock.service.portraits import releases

    return releases.words_of(session.house.store, ref)


def _adder(session: Session, person: PersonId, key: str, by: str) -> Voice:
    """Who signs a registration: on an empty registry the person themself, with the key they bring."""
    from interlock.bootstrap.keys import person_signer

    people: People = session.gatherer.view.people()
    if people.names:
        return session.speak(Me(by))
    return session.voice(person, person_signer(Path(key).expanduser()))


def _handle(text: str) -> PersonId:
    try:
        return PersonId(parse_name(text))
    except ValueError as fault:
        raise Fault("people.handle", str(fault)) from fault


def _public_key(path: str) -> str:
    from interlock.bootstrap.keys import public_key

    file = Path(path).expanduser()
    beside = file.with_name(f"{file.name}.pub")
    content = file_content(str(beside if beside.exists() else file), largest=100_000)
    if b"PRIVATE KEY" in content:
        raise Fault(
            "people.private_key",
            f"'{path}' is a private key, and there is no '{beside.name}' beside it",
            f"make the public half: `ssh-keygen -y -f {path} > {path}.pub`",
        )
    try:
        return public_key(content.decode("utf-8", "replace"))
    except ValueError as fault:
        raise Fault(
            "people.bad_key", f"'{path}' holds no key that can be used: {fault}", "use an Ed25519 key"
        ) from fault


def _short(key: str) -> str:
    kind, _, encoded = key.partition(" ")
    return f"{kind} …{encoded[-_SHOWN:]}"


def _first_step() -> Para:
    return step("register yourself: `interlock people add HANDLE --key ~/.ssh/id_ed25519.pub`", 0)
