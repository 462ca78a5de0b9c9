# SPDX-License-Identifier: Apache-2.0
"""A pack that says everything there is to say about incidents and the decision to go back."""

from typing import Final

PACK: Final = b"""\
pack: ward
version: 1.0.0
status: active
roles: [manager, qa-lead, security-lead, on-call, product-lead, developer]
governors: [manager]
environments: [{name: production, tier: production}]
paths:
  plain: {for: [normal], stages: [ready, production]}
stages:
  - {name: ready, requires: [{id: built, signoff: {roles: [developer], statement: Built.}}]}
  - name: production
    environment: production
    verify: {checks: [smoke], within: 1m, every: 2s}
    bake: {for: 10s, every: 2s, checks: [smoke]}
waivers: {authority: [manager], longest: 7d}
audiences: [on-call, incident-channel, security-lead, product-lead, stakeholders, status-page]
messages:
  declared: {to: [on-call, incident-channel], title: "{incident}: {severity}", body: "{sentence} in {environment}"}
  page-security: {to: [security-lead], title: "security: {incident}", body: "{labels}"}
  decision: {to: [incident-channel, stakeholders], title: "decided: {incident}", body: "{status}"}
  healthy: {to: [status-page, stakeholders], title: "healthy again: {incident}", body: "{status} since {resolved}"}
  alert:
    to: [stakeholders]
    title: "alert: {incident}"
    body: "{fields.summary}, {fields.impact}, next at {next_update}"
    fields: {summary: What is wrong., impact: What users feel.}
  update: {to: [stakeholders], title: "update", body: "{fields.summary}", fields: {summary: What is new.}}
  resolution:
    to: [stakeholders]
    title: "resolved"
    body: "{resolved}: {fields.cause}, {fields.actions}, {post_mortem}, {fields.contact}"
    fields: {cause: Why., actions: What was done., contact: Whom to ask.}
rollback:
  authority:
    primary: manager
    mandate: {security-lead: [security]}
    fallback: {to: on-call, after: 5m}
    escalate: {to: product-lead, after: 10m, within: 10m}
  sequence:
    - {id: flags, step: disable-flags}
    - {id: data, decide: {roles: [manager], question: Does data go back?, answers: [keep, restore]}}
    - {id: proven, is: restored}
    - {id: qa-validated, signoff: {roles: [qa-lead], statement: The service works again.}}
incident:
  in: [production]
  labels:
    security: {}
    threat: {goes_back_for: [security-lead, on-call]}
  send:
    - {message: declared, on: [opened]}
    - {message: page-security, on: [{labelled: security}]}
    - {message: decision, on: [decided]}
    - {message: healthy, on: [restored]}
    - {message: alert, promises: next}
    - {message: update, promises: next}
    - {message: resolution}
  clocks:
    first-alert: {from: opened, until: [{sent: alert}], within: 5m, tells: [incident-channel]}
    assess: {from: opened, until: [decided], within: 15m, then: rollback}
    hotfix: {from: {decided: hotfix}, until: [restored], within: 30m, then: rollback}
    next-update: {from: promised, until: [{sent: update}, {sent: resolution}], tells: [product-lead]}
    post-mortem: {from: opened, until: [scheduled], within: 48h, tells: [product-lead]}
  closing:
    - {id: timeline, record: {roles: [manager], sections: [Timeline, Impact]}}
    - {id: actions, record: {roles: [manager], sections: [Actions]}}
    - {id: gaps, gaps: {roles: [manager]}}
    - {id: review, is: scheduled}
    - {id: notice, sent: resolution, after: [review]}
    - {id: security-review, signoff: {roles: [security-lead], statement: Security has looked.}, label: security}
"""
