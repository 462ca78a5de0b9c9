# SPDX-License-Identifier: Apache-2.0
"""What a procedure speaks of and is nobody: software, paper, days, measures.

Whoever does something in a procedure is somebody, unless it is one of these.
"""

from typing import Final

from interlock.packs.reading.lexicon import OPENERS

THINGS: Final = frozenset(
    (
        "account act action activities activity addon agreement aim alarm announcement anomaly answer antenna "
        "anything api app applet application approach archive area artefact article artifact asset attachment attempt "
        "attribute audience audio back-out backend background backlog backport backup badge bag bake balance balancer "
        "ballot bandwidth basket battery beginning bell belt benchmark benefit bgp binaries binary blocker board boat "
        "boiler book box branch breach break bucket budget bug bugfix building button cabinet cable cache calculator "
        "call camera canaries canary capacity caption card cart case cause cd cdn cent cert certificate chain "
        "changelog changeset channel charger chart chat checklist checkout chip ci city click-through client clip "
        "clock cms color colour column comment condition configuration context contract conversation conversion "
        "conveyor cookie copy cost count country course cpu crane crash crate credit criteria criterion crm csv "
        "cutover cve cycle daemon dast data dataset db deal decision defect delay deliverable dependencies dependency "
        "deploy deploys description descriptor dev deviation device diagram dialog diff difference digest directive "
        "directory discussion dish disk display dns doc docs documentation door dossier download downtime drift drill "
        "dump duration each edge effect effort emulator endpoint engine entries entry env environment eol epic erp "
        "etl everything evidence example exception exercise export extension failover farm fault feature fee field "
        "figure file film finding fingerprint firewall fix fleet floor font fork freeze frontend function funds "
        "furnace gap gate gateway gem glossary go-live goal gpu graph guardrail guide guideline habit half hall "
        "handbook hazard heading heap holiday hotfix http https iac image impact import incident index ingress input "
        "inputs install installation interface interval invoice ip issue iteration jar journey json kernel keyboard "
        "role duty duties responsibility responsibilities objective importance "
        "knowledge expertise experience workload blame pressure telephone fax headquarters premises "
        "kiosk kpi kubeconfig label lag lamp lan language laptop latency ledger length level libraries library "
        "licence license lift light limit link lint load locale lock lockfile log login logout lorry lts main majors "
        "manifest manual map matrix measure meeting memory menu mesh message meter method metric microservice "
        "migration milestone minors minute mirror mismatch model module moment money motor mr network nightly node "
        "noise none norm note nothing notification option os outage outcome output outputs package pallet paragraph "
        "p50 p90 p95 p99 parcel part partition patch path pattern pause payment payroll payslip payslips paywall pdf "
        "percentage "
        "period piece pieces pipe place plane playbook playground playlist plug plugin pod point policies port portal "
        "pr practice prefix preprod price probe problem prod production proof proposal props protocol proxy pull pump "
        "purpose qa-env qos queries query quest question queue quota rack ram rate ratio rationale rc reactor reason "
        "receipt record reference registry regression regulation rehearsal remainder remark reminder replica reply "
        "repo report repository requirement rerun rest restore result retry rfc ring risk road roadmap rollback "
        "rollout rota run runbook rv sandbox sast satellite sbom scan scenario schedule schema scope score "
        "screen sdk search season second secret sentence service session set setting shard share sheet ship shop "
        "sidecar sign signal signature signup simulation siren sit site size skew sla sli slo slot snapshot soak "
        "socket something song source space speed spreadsheet sprint sql ssd ssh ssl stack staging standard stat "
        "stats status sticker stop story stream string strings stuff subsystem suffix sum summary switch switch-off "
        "switch-on switchover symbol symptom sync tab table tablet tank tarball task tcp terminal terminology test "
        "text texture thing things thread threshold throughput tick ticks tile till timer timestamp title tls toggle "
        "token toolchain topic total trace track traffic training tram transaction transfer translation trial trigger "
        "truck trunk try turbine uat ui update upgrade upload url usb valve variable vendoring video view vlan vm "
        "volume vpn vulnerability wagon wait wall wan warning webhook website weekend weight wheel whole widget wiki "
        "window word work workflow workshop world xml year zone"
    ).split()
)
"""What may stand where somebody acts: the pipeline, the report, the window."""
PRODUCTS: Final = frozenset(
    (
        "airflow akamai amazon android ansible apache apple apt argo argocd artifactory aws azure bamboo bitbucket "
        "buildkite cargo chef circleci citrix cloudflare codecov confluence consul coveralls cypress datadog dbt "
        "debian dependabot docker elastic elasticsearch envoy fastlane fastly fedora firebase flux gcp gdal github "
        "gitlab gog google goreleaser gradle grafana haproxy helm heroku homebrew ios istio itch jenkins jira k8s "
        "kafka kibana kubernetes lighthouse linux loki macos mariadb maven microsoft mongodb mysql netlify nexus "
        "nginx notion npm opsgenie oracle pagerduty pip playwright podman postgres postgresql prometheus puppet pypi "
        "rabbitmq redhat redis renovate sap selenium sentry servicenow slack snowflake snyk sonar sonarqube sonatype "
        "spark spinnaker splunk sqlite statuspage steam teamcity teams tekton terraform testflight travis trello "
        "bitrise trivy ubuntu unity unreal vault vercel vmware windows yarn zenodo zoom"
    ).split()
)
"""What is written like a name and is a program."""
SOUNDING: Final = frozenset(
    (
        "adapter after another author banner broker browser buffer builder calendar center chapter checker cluster "
        "compiler computer connector consumer container counter crawler customer december docker either error filter "
        "challenger "
        "folder footer handler header helper however indicator installer launcher layer letter linter loader master "
        "matter member merger monitor never newsletter november number october order other over paper parameter "
        "parser pointer power printer processor provider quarter reader register router runner scanner scheduler "
        "sensor september server simulator supplier tester-bot tier tracker trigger under user vendor viewer water "
        "whether worker writer"
    ).split()
)
"""What sounds like somebody and is something."""
NO_AGENTS: Final = frozenset(
    (
        "oh ah hey hi hello yes no ok okay please thanks sorry "
        "accident afternoon agencies air alert alerts another anybody anyone api automation batch bot both build bus "
        "candidate car cd cell chance change check checks checksum ci cluster cob code command commit config "
        "consensus console cron customer customers dashboard database date day days deadline default definition "
        "department deployment design document e-mail email end eod error evening event everyone factor failure far "
        "further firmware flag form friday hand "
        "hands hardware hash her him hook host hosts hour hours it item itself job "
        "jobs key keys law line lines list machine mail majority me means member members merge midnight minutes "
        "mistake monday monitor month morning name night nobody noon notice notices now number numbers one order "
        "other others page parts people percent phase phone pipeline plan policy post pr procedure process region "
        "release request robot row rule rules saturday script scripts section sequence server side software somebody "
        "someone stage start step steps store suite sunday system systems tag template tests them themselves then "
        "three thursday ticket time today tomorrow tonight tool tools train trigger tuesday two url us user users "
        "value version vote votes wave way wednesday week weeks whichever whoever workflow you"
    ).split()
)
"""What stands behind `by`, and before a verb, and is nobody: hours, causes, tools, and who is not asked."""


def is_thing(word: str) -> bool:
    """Whether one of these, or several, is something and nobody."""
    return word in _ALL or word.removesuffix("s") in _ALL or word.removesuffix("es") in _ALL


_ALL: Final = THINGS | PRODUCTS | SOUNDING


def is_act(word: str) -> bool:
    """Whether it is what is done, and not who does it: `planning` is of `plan`; `metering` may be a department."""
    stem = word.removesuffix("ing")
    return stem != word and (stem in OPENERS or f"{stem}e" in OPENERS or stem[:-1] in OPENERS)
