// An OpenID provider by the npm package oidc-provider, which is certified.
// usage: node provider.mjs PORT REDIRECT_URI...   (in the folder with it)
//
// Any name with any password signs in; "alice:admins,writers" has groups.
// Clients: web (public, code flow with PKCE), web-secret (the same with a
// secret), service (client credentials).  Access tokens are JWTs whose audience
// is "pangolin".  SIGHUP puts new keys before the old.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, ...redirects] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const newKeys = () => [
  ["rsa", { modulusLength: 2048 }, "RS256"],
  ["ec", { namedCurve: "P-256" }, "ES256"],
].map(([type, options, alg]) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }),
  kid: randomUUID(), use: "sig", alg,
}));

const nameOf = (id) => id.split(":")[0];
const groupsOf = (id) => (id.includes(":") ? id.split(":")[1].split(",") : []);

const browser = {
  redirect_uris: redirects,
  application_type: "native",
  grant_types: ["authorization_code"],
  response_types: ["code"],
  scope: "openid profile email groups",
};

const configuration = (keys) => ({
  jwks: { keys },
  clients: [
    { ...browser, client_id: "web", token_endpoint_auth_method: "none" },
    { ...browser, client_id: "web-secret", client_secret: "a secret: +%&" },
    {
      client_id: "service", client_secret: "service-secret",
      redirect_uris: [], response_types: [],
      grant_types: ["client_credentials"], scope: "catalog",
    },
  ],
  scopes: ["openid", "profile", "email", "groups", "catalog"],
  claims: {
    openid: ["sub"], profile: ["preferred_username"],
    email: ["email", "email_verified"], groups: ["groups"],
  },
  conformIdTokenClaims: false, // claims stand in the id token
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, preferred_username: nameOf(id),
      email: `${nameOf(id)}@corp.example`, email_verified: true,
      groups: groupsOf(id),
    }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["test"] },
  ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600,
    Session: 3600, Grant: 3600, Interaction: 600 },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:pangolin",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "catalog", audience: "pangolin", accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

let keys = newKeys();
let handle;
const load = () => {
  handle = new Provider(issuer, configuration(keys)).callback();
};
load();
process.on("SIGHUP", () => {
  keys = [...newKeys(), ...keys.slice(0, 2)];
  load();
  console.log("rotated");
});
createServer((request, response) => handle(request, response))
  .listen(Number(port), "127.0.0.1", () => console.log("ready"));
