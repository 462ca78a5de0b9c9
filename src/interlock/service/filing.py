# SPDX-License-Identifier: Apache-2.0
"""What is written into the repository once a release or an incident has ended: which files, and what stands in them.

1. It follows from the ledger up to the record of the end, and from the bindings: who composes it later, or again,
   composes the same.
2. Documents that people wrote go in as they wrote them. What is drafted here quotes nobody's own words.
3. No governed file is ever named in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from interlock.domain.change import change_stream
from interlock.domain.docket import IncidentDelisted, docket_stream
from interlock.domain.duty import ReportWritten
from interlock.domain.governance import ReleaseDelisted, service_stream
from interlock.domain.ids import Digest, IncidentId, ReleaseId, StreamId
from interlock.domain.incident import Incident, incident_stream
from interlock.domain.journal import Ended, Ending
from interlock.domain.release import Release, ReleasePhase, release_stream
from interlock.ledger.codec import decode_event
from interlock.ledger.record import Record
from interlock.packs.bindings import Bindings
from interlock.packs.keeping import DECISIONS, INCIDENTS, NOTES, RecordsSpec, loosened
from interlock.ports.failure import Rejected
from interlock.ports.journal import Author, Entry
from interlock.ports.source import Commit
from interlock.ports.store import LedgerStore, Missing
from interlock.service.chronicle import incident_log, release_log
from interlock.service.compose import BINDINGS
from interlock.service.gather import Gatherer
from interlock.service.notes import SECTIONS, UNRECORDED, draft
from interlock.service.story import kept_words, story_of

INSTEAD: Final = "interlock/records-"
"""What begins the name of the branch that takes what a branch in use does not; in git, none can stand below another."""


@dataclass(frozen=True, slots=True)
class Office:
    """Where records are composed from. `commits` gives those after one commit and up to another."""

    gatherer: Gatherer
    store: LedgerStore
    bindings: Bindings
    spec: RecordsSpec
    commits: Callable[[str, str], tuple[Commit, ...]]

    def entry(self, ended: Ended) -> Entry:
        """The entry of what has ended. Raises `Rejected` where there can be none, and what the source raises."""
        return self._about_release(ended) if ended.ending is Ending.RELEASE else self._about_incident(ended)

    def _about_release(self, ended: Ended) -> Entry:
        view = self.gatherer.view
        one = self.gatherer.release(ReleaseId(ended.of))
        end = self._end(service_stream(one.service), ReleaseDelisted.__name__, ended)
        files = _Files({})
        for record, written in view.records(one.id).written.items():
            files.put(self.spec.path_of(record, one.version, end.time.date()), self._document(written.document))
        if self._drafts_notes(one):
            files.put(self.spec.path_of(NOTES, one.version, end.time.date()), self._notes(one, end))
        log = release_log(one.id, self._window(release_stream(one.id), end, change_stream(one.change)))
        files.put(self.spec.path_of(DECISIONS, one.version, end.time.date()), log.encode())
        subject = f"Record release {one.version} of {one.service}"
        return self._entry(ended, one, one.version, subject, (files, end))

    def _about_incident(self, ended: Ended) -> Entry:
        incident = self.gatherer.view.incident(IncidentId(ended.of))
        end = self._end(docket_stream(incident.service), IncidentDelisted.__name__, ended)
        day = end.time.date()
        files = _Files({})
        for duty, document in self._reports(incident.id).items():
            files.put(self.spec.report_path(duty, incident.id, day), self._document(document))
        log = incident_log(incident.id, self._window(incident_stream(incident.id), end))
        files.put(self.spec.path_of(INCIDENTS, incident.id, day), log.encode())
        return self._entry(ended, self._ran(incident), incident.id, f"Record incident {incident.id}", (files, end))

    def _entry(self, ended: Ended, one: Release, name: str, subject: str, made: "tuple[_Files, Record]") -> Entry:
        files, end = made
        return Entry(
            key=ended.key,
            branch=self.spec.branch_for(name),
            instead=f"{INSTEAD}{loosened(name)}",
            base=one.commit,
            files=files.content,
            subject=subject,
            author=Author(*self.spec.signature),
            at=end.time,
            governed=self._governed(one),
        )

    def _end(self, stream: StreamId, event: str, ended: Ended) -> Record:
        """The record of the end."""
        named = (one for one in self.store.stream(stream) if one.event == event and ended.of in one.payload.values())
        found = next(named, None)
        if found is None:
            raise Rejected("journal.not_ended", f"'{ended.of}' has not ended", "nothing needs doing")
        return found

    def _window(self, stream: StreamId, end: Record, *more: StreamId) -> tuple[Record, ...]:
        """Every record from the first of the stream up to the end, and before them those of other streams."""
        first = self.store.stream(stream)[0]
        before = (record for other in more for record in self.store.stream(other) if record.index < first.index)
        return (
            *before,
            *takewhile(lambda record: record.index <= end.index, self.store.records(since=first.index)),
        )

    def _drafts_notes(self, one: Release) -> bool:
        """Whether nobody wrote notes, and they are wanted."""
        written = self.gatherer.view.records(one.id).written
        is_wanted = NOTES in self.spec.paths or not written
        return one.phase is ReleasePhase.COMPLETED and NOTES not in written and is_wanted

    def _notes(self, one: Release, end: Record) -> bytes:
        commits = self.commits(one.base, one.commit) if one.base else ()
        then = replace(self.gatherer, now=end.time)
        story = story_of(then, one, commits, self.bindings, kept_words)
        return draft(story, SECTIONS, UNRECORDED).encode()

    def _reports(self, one: IncidentId) -> Mapping[str, Digest]:
        """The newest document of every duty."""
        found: dict[str, Digest] = {}
        for record in self.store.stream(incident_stream(one)):
            if record.event == ReportWritten.__name__:
                event = decode_event(record.event, record.version, record.payload)
                if isinstance(event, ReportWritten):
                    found[event.duty] = event.document
        return found

    def _document(self, digest: Digest) -> bytes:
        content = self.store.blob(digest)
        if isinstance(content, Missing):
            raise Rejected("journal.no_document", f"document {digest} is missing", "restore it from a backup")
        return content

    def _ran(self, incident: Incident) -> Release:
        """The release under suspicion, or what ran there: its commit is what a new branch begins at."""
        view = self.gatherer.view
        live = view.slot(incident.service, incident.environment).live.release
        return next((one for one in map(view.release, (incident.release, live)) if one.commit), Release())

    def _governed(self, one: Release) -> frozenset[str]:
        """Files that change by an approved proposal only."""
        service = self.gatherer.view.service(self.bindings.service)
        refs = (service.in_force, service.approved.get(one.governance, service.in_force))
        files = (file.path for ref in refs for file in ref.files)
        return frozenset({BINDINGS, self.bindings.pack, *files})


@dataclass(frozen=True, slots=True)
class _Files:
    """Files by path, none of them twice."""

    content: dict[str, bytes]

    def put(self, path: str, content: bytes) -> None:
        if path in self.content:
            sentence = f"two records would be written to '{path}'"
            raise Rejected("journal.same_path", sentence, "name different files under records.paths")
        self.content[path] = content
