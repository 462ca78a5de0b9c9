# SPDX-License-Identifier: Apache-2.0
"""Recording what runs: what a version is made of, and whether it can be seen where it is said to run."""

from interlock.bootstrap.houses import House
from interlock.domain.artifact import release_digest
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.slot import AdoptRunning
from interlock.ports.deploy import CannotTell, NothingRuns, Presence, Running
from interlock.ports.failure import Rejected
from interlock.service.compose import release_id
from interlock.service.view import View


def adopting(
    house: House, view: View, service: ServiceName, version: str, environment: EnvironmentName
) -> AdoptRunning:
    """The command that records it, with what was observed. Raises `Rejected` (`adopt.other_running`)."""
    ref = view.service(service).in_force
    commit = house.repository.tagged(version)
    artifacts = house.workshop().artifacts().identify(house.library.rules(view, ref).bindings, commit, version)
    release = release_id(service, version)
    lane = view.slot(service, environment).live.lane
    presence = house.workshop().deployer(view, ref, environment, lane).running(service, environment)
    unseen = AdoptRunning(service, environment, release, version, artifacts, commit.sha, "")
    observed = _observed(presence, unseen)
    return AdoptRunning(service, environment, release, version, artifacts, commit.sha, observed)


def _observed(presence: Presence, command: AdoptRunning) -> str:
    place = command.environment
    match presence:
        case Running(digest, version) if digest != release_digest(command.artifacts):
            sentence = f"{place} runs {version}, not {command.version}"
            step = f"adopt what runs: `interlock adopt {version} --environment {place}`"
            raise Rejected("adopt.other_running", sentence, step)
        case Running():
            return "the deployer sees it running"
        case NothingRuns():
            return "the deployer sees nothing running"
        case CannotTell(why):
            return f"taken on your word: {why}"
