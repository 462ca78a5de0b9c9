# SPDX-License-Identifier: Apache-2.0
"""German between English, as mixed teams write it, word for word in English: the reader knows one language only.

1. A text without a plainly German word stays as it is.
2. A command stands last in German (`Support informieren`) and first in English; so it is moved, a negation before it.
3. Nothing but the reading sees the gloss: every citation is in the author's words.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from interlock.packs.reading.passages import Passage

_ORDERS: Final = {
    "informieren": "inform", "benachrichtigen": "notify", "dokumentieren": "document", "prüfen": "check",
    "testen": "test", "beobachten": "watch", "einschalten": "enable", "ausschalten": "disable", "starten": "start",
    "stoppen": "stop", "sichern": "save", "einspielen": "install", "ausrollen": "deploy", "deployen": "deploy",
    "zurückrollen": "revert", "freigeben": "approve", "abnehmen": "approve", "erstellen": "create", "anlegen": "create",
    "aktualisieren": "update", "schließen": "close", "abwarten": "wait for", "warten": "wait", "bestätigen": "confirm",
    "eintragen": "record", "schreiben": "write", "ändern": "change", "löschen": "delete", "übergeben": "hand over",
    "melden": "report", "einholen": "obtain", "durchführen": "perform", "taggen": "tag", "mergen": "merge",
    "kontrollieren": "check", "vergleichen": "compare", "archivieren": "archive", "ablegen": "file",
    "versenden": "send", "verschicken": "send", "ankündigen": "announce", "vorbereiten": "prepare",
    "überwachen": "monitor", "installieren": "install",
    "notieren": "note", "anrufen": "call", "verständigen": "notify", "abschalten": "disable",
    "neustarten": "restart", "sperren": "lock",
}  # fmt: skip
_SURE: Final = {
    "informiert": "informed", "benachrichtigt": "notified", "getestet": "tested", "geprüft": "checked",
    "freigegeben": "approved", "abgenommen": "accepted", "genehmigt": "approved", "erstellt": "created",
    "dokumentiert": "documented", "gesichert": "saved", "vorhanden": "available", "grün": "green",
    "abgeschlossen": "completed", "bestätigt": "confirmed", "aktualisiert": "updated", "unterschrieben": "signed",
    "eingespielt": "installed", "angekündigt": "announced", "muss": "must", "müssen": "must", "darf": "may",
    "dürfen": "may", "nicht": "not", "kein": "no", "keine": "no", "keinen": "no", "niemals": "never", "nur": "only",
    "sollte": "should", "immer": "always", "vor": "before", "nach": "after", "durch": "by", "vom": "from",
    "wenn": "if", "sobald": "as soon as", "und": "and", "oder": "or", "ohne": "without",
    "innerhalb": "within", "für": "for", "bis": "until", "spätestens": "at most", "mindestens": "at least",
    "sind": "are", "wird": "is", "werden": "are", "freigabe": "approval", "freigaben": "approvals",
    "genehmigung": "approval", "abnahme": "approval", "regressionstest": "regression test", "sicherung": "backup",
    "wartungsseite": "maintenance page", "betriebsrat": "works council", "entwickler": "developer",
    "minuten": "minutes", "stunde": "hour", "stunden": "hours", "tage": "days", "tagen": "days", "woche": "week",
    "wochen": "weeks", "seit": "for", "nie": "never", "danach": "afterwards", "nachher": "afterwards", "zurück": "back",
    "verboten": "forbidden", "schiefgeht": "goes wrong", "fehlerfrei": "without errors", "bekommen": "get",
    "bekommt": "gets", "erhält": "gets", "erhalten": "get", "mehr": "more", "weniger": "less", "läuft": "runs",
    "liegt": "is", "während": "during", "gleichzeitig": "at the same time",
    "werktage": "working days", "werktagen": "working days", "arbeitstage": "working days",
    "arbeitstagen": "working days", "vorbereitung": "preparation", "nachbereitung": "after the release",
    "voraussetzungen": "prerequisites", "durchführung": "deployment", "notfall": "emergency", "ablauf": "procedure",
    "rückfall": "rollback", "fehlerfall": "failure", "zuständig": "responsible", "jede": "every", "jeder": "every",
    "rollen": "roles",
    "zwei": "two", "drei": "three", "zehn": "ten", "vorher": "before", "verantwortlich": "responsible",
    "änderungen": "changes", "datenbank": "database",
}  # fmt: skip
_BESIDE: Final = {
    "der": "the", "die": "the", "das": "the", "den": "the", "dem": "the", "des": "the", "ein": "a", "eine": "a",
    "einen": "a", "einer": "a", "von": "from", "mit": "with", "bei": "at",
    "falls": "if", "im": "in the", "ist": "is",
    "alle": "all", "auf": "on", "zum": "to the", "zur": "to the", "doch": "so", "noch": "still",
}  # fmt: skip
"""Little words that are translated only beside a sure one: some of them are English too."""
_KNOWN: Final = {**_BESIDE, **_SURE, **_ORDERS}
_WORD: Final = re.compile(r"[A-Za-zÄÖÜäöüß]+")
_NEVER: Final = re.compile(r"\b(?:never|not|no)\b\s*")


def glossed(passage: Passage) -> Passage:
    """The passage with what is German in it, and in what stands above it, said in English."""
    above = (*(one.text for one in passage.headings), *(one.text for one in passage.above))
    if not any(map(_is_german, (passage.text, *above))):
        return passage
    return replace(
        passage,
        text=gloss(passage.text),
        headings=tuple(replace(one, text=gloss(one.text)) for one in passage.headings),
        above=tuple(glossed(one) for one in passage.above),
        cells=tuple((gloss(column), gloss(cell)) for column, cell in passage.cells),
    )


@lru_cache(maxsize=4096)
def _is_german(text: str) -> bool:
    words = {*_WORD.findall(text.lower())}
    return not words.isdisjoint(_SURE) or not words.isdisjoint(_ORDERS)


def gloss(text: str) -> str:
    """The text with its German words in English; one without any is the same."""
    if not _is_german(text):
        return text
    last = (_WORD.findall(text) or [""])[-1].lower()
    order = _ORDERS.get(last, "")
    first, comma, rest = text.partition(", ")
    if comma and not order and (_WORD.findall(first) or [""])[-1].lower() in _ORDERS:
        return f"{gloss(first)}, {gloss(rest)}"
    kept = text[: text.lower().rindex(last)].rstrip() if order else text
    said = _WORD.sub(lambda found: _KNOWN.get(found[0].lower(), found[0]), kept)
    if not order:
        return said
    is_forbidden = bool(_NEVER.search(said))
    return f"{'never ' if is_forbidden else ''}{order} {_NEVER.sub('', said)}".strip()
