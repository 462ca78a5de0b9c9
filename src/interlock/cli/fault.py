# SPDX-License-Identifier: Apache-2.0
"""What becomes of a fault: one place that turns every exception into a sentence, a next step and an exit code.

1. What we know is said plainly; nothing half done is hidden.
2. What we do not know is our fault: it is written to a file that can be sent to us, and said to be so.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from interlock import __version__
from interlock.cli.output import Denial, Exit, Fault, Form, Refusal, Trouble, show, silence

GONE: Final = 141
"""The exit code of a program whose reader went away, as a shell gives it."""


@dataclass(slots=True)
class Guard:
    """Catches every exception of a command, as the one edge where nothing above could."""

    form: Form
    arguments: tuple[str, ...]
    exit: int = int(Exit.DONE)

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, SystemExit):
            return False
        self.exit = self._handled(error)
        return True

    def _handled(self, error: BaseException) -> int:
        match error:
            case KeyboardInterrupt():
                return int(Exit.INTERRUPTED)
            case BrokenPipeError():
                silence()
                return GONE
            case Fault():
                return show(Denial("", (error.trouble,), error.exit), self.form)
            case Refusal():
                return show(error.denial, self.form)
            case _:
                return show(known(error) or self._bug(error), self.form)

    def _bug(self, error: BaseException) -> Denial:
        path = _log(error, self.arguments)
        sentence = f"this is a fault of ours: {type(error).__name__}"
        step = f"what happened is in {path}; please send it to us, and run `interlock status` to see where things are"
        return Denial("", (Trouble("bug", sentence, step),), Exit.BUG, {"log": str(path)})


def known(error: BaseException) -> Denial | None:
    """What this exception means, if it is one we raise on purpose."""
    from interlock.ledger.codec import Undecodable
    from interlock.ports.failure import PortFailure, Unavailable
    from interlock.service.compose import Unfit
    from interlock.service.gather import Ungoverned

    match error:
        case PortFailure(code=code, sentence=sentence, next_step=next_step):
            exit_code = Exit.OUTSIDE if isinstance(error, Unavailable) else Exit.USAGE
            return Denial("", (Trouble(code, sentence, next_step),), exit_code)
        case Unfit(code=code, text=text, next_step=next_step):
            return Denial("", (Trouble(code, text, next_step),), Exit.USAGE)
        case Ungoverned(code=code, sentence=sentence, next_step=next_step):
            return Denial("", (Trouble(code, sentence, next_step),), Exit.USAGE)
        case Undecodable():
            trouble = Trouble(
                "ledger.undecodable",
                f"the ledger holds something this version cannot read: {error}",
                "use the version that wrote it, or check the ledger with `interlock ledger verify`",
            )
            return Denial("", (trouble,), Exit.OUTSIDE)
        case _:
            return None


def _log(error: BaseException, arguments: tuple[str, ...]) -> Path:
    """Write what is needed to mend the fault where only its owner can read it."""
    import tempfile
    import traceback

    number, name = tempfile.mkstemp(prefix="interlock-fault-", suffix=".txt")
    head = f"interlock {__version__}\npython {sys.version}\narguments {list(arguments)}\n\n"
    with os.fdopen(number, "w") as file:
        file.write(head + "".join(traceback.format_exception(error)))
    return Path(name)
