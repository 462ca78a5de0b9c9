// SPDX-License-Identifier: Apache-2.0
// A real OpenID Connect provider for the tests: people sign in by any handle, and are in the groups named by GROUPS.
import { Provider } from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'interlock',
    client_secret: 'a secret of the tests',
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: (process.env.GROUPS || '').split(',') }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
