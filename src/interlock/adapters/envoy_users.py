# SPDX-License-Identifier: Apache-2.0
"""How an Envoy tells users apart: what it does to a request before it looks for a route, and the routes by user.

1. A filter reads who the user is, so no header of a client's can say it in another place than the one that was bound.
2. The same runtime key that lets a part of the requests through lets the same part of the users through: it is written
   by the lease alone, and without it nobody is let through.
3. Who the candidate is not for, by their turn, never gets it by a draw. Who is unknown, or says nothing, does.

Seen on Envoy 1.40: a user's turn is xxHash64 of the value, modulo the denominator of the runtime key's fraction.
"""

from typing import Final

from interlock.adapters.envoy_route import API, EXTENSIONS, Json, baseline_gate, share_gate
from interlock.adapters.envoy_route import EnvoySite as Site
from interlock.adapters.users import salt
from interlock.ports.router import UserKey

_NAMESPACE: Final = "interlock"
_FIELD: Final = "user"
_STATE: Final = "interlock.user"
_ANYTHING: Final = {"safe_regex": {"google_re2": {}, "regex": ".+"}}


def filters(users: UserKey) -> tuple[Json, Json]:
    """They come before all others: the route is looked for anew once it is known who the user is."""
    found = {"metadata_namespace": _NAMESPACE, "key": _FIELD, "type": "STRING"}
    reading = {str(users.carrier): users.name, "on_header_present": found}
    value = {
        "text_format_source": {"inline_string": f"%DYNAMIC_METADATA({_NAMESPACE}:{_FIELD})%"},
        "omit_empty_values": True,
    }
    keeping = {"object_key": _STATE, "factory_key": "envoy.string", "format_string": value, "skip_if_empty": True}
    return (
        _filter("header_to_metadata", {"request_rules": [reading]}),
        _filter("set_filter_state", {"on_request_headers": [keeping], "clear_route_cache": True}),
    )


def by_user(site: Site, chosen: list[Json], next_ones: list[Json], known: list[Json], unknown: list[Json]) -> Json:
    """The routes of users whose turn it is, of those whose turn comes next, who may be given a baseline (none: there is
    none), of those whose turn it is not, and of requests from nobody.
    """
    beside = [_on(_turn(site, baseline_gate(site)), next_ones)] if next_ones else []
    matchers = [_on(_turn(site, share_gate(site)), chosen), *beside, _on({"value_match": _ANYTHING}, known)]
    return {"matcher_list": {"matchers": matchers}, "on_no_match": _leading_to(unknown)}


def _turn(site: Site, gate: Json) -> Json:
    kind = f"{EXTENSIONS}matching.input_matchers.runtime_fraction.v3.RuntimeFraction"
    turn = {"@type": kind, "runtime_fraction": gate, "seed": salt(site.service, site.environment)}
    return {"custom_match": {"name": "turn", "typed_config": turn}}


def _on(criterion: Json, routes: list[Json]) -> Json:
    kind = f"{EXTENSIONS}matching.common_inputs.network.v3.FilterStateInput"
    user = {"name": "user", "typed_config": {"@type": kind, "key": _STATE}}
    return {"predicate": {"single_predicate": {"input": user, **criterion}}, "on_match": _leading_to(routes)}


def _leading_to(routes: list[Json]) -> Json:
    listed = {"@type": f"{API}config.route.v3.RouteList", "routes": routes}
    return {"action": {"name": "routes", "typed_config": listed}}


def _filter(name: str, settings: Json) -> Json:
    kind = f"{EXTENSIONS}filters.http.{name}.v3.Config"
    return {"name": f"envoy.filters.http.{name}", "typed_config": {"@type": kind, **settings}}
