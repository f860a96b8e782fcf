// A real OpenID provider for tests. Its configuration is JSON in PROVIDER_CONFIG:
// { port, client, secret, redirect, backChannel, signedOut, idTokenClaims, users: { name: claims }, ciSecret, ciAudience }
import { Provider } from 'oidc-provider';

const config = JSON.parse(process.env.PROVIDER_CONFIG);
const issuer = `http://127.0.0.1:${config.port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: config.client,
      client_secret: config.secret,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [config.redirect],
      post_logout_redirect_uris: [config.signedOut],
      backchannel_logout_uri: config.backChannel,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
    {
      // Stands for a build that gets a token of its own.
      client_id: 'build-42',
      client_secret: config.ciSecret,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ],
  cookies: { keys: ['only-for-tests'] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub', 'sid'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups', 'realm_access'] },
  conformIdTokenClaims: !config.idTokenClaims,
  features: {
    devInteractions: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_context, audience) => ({ scope: 'build', audience, accessTokenFormat: 'jwt', accessTokenTTL: 300 }),
    },
  },
  extraTokenClaims: (_context, token) => (token.kind === 'ClientCredentials' ? { repository: 'shop/web', ref: 'refs/heads/main' } : undefined),
  // It refuses to call this very machine, where the server under test is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  ttl: { AccessToken: 3600, IdToken: 3600, Session: 86400, Interaction: 3600, Grant: 86400, ClientCredentials: 300 },
  findAccount: (_context, id) =>
    config.users[id] && { accountId: id, claims: async () => ({ sub: id, preferred_username: id, ...config.users[id] }) },
});

for (const name of ['server_error', 'authorization.error', 'grant.error', 'backchannel.error']) {
  provider.on(name, (_context, error) => console.error(name, error.message, error.error_description ?? '', error.cause ?? ''));
}

provider.listen(config.port, '127.0.0.1', () => console.log(`listening ${issuer}`));
