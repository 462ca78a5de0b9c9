# SPDX-License-Identifier: Apache-2.0
"""The identity providers that a home's `server.toml` names, ready to be asked."""

from interlock.adapters.oidc import Client, OidcProvider

OidcClient = Client


def provider_at(issuer: str) -> OidcProvider:
    """The provider with this issuer. Nothing is asked of it before somebody needs it."""
    return OidcProvider(issuer)
