/** A process of the app that is killed: signs somebody in, or answers a request of theirs. */
import { createBulkhead } from 'bulkhead';
import pg from 'pg';

const { what, database, contextKey, credentialKey, token, email, password } = JSON.parse(
  process.argv[2] ?? '{}',
);
const bulkhead = createBulkhead({
  database: { appRole: 'test_app', identityRole: 'test_identity' },
  isolation: { contextKeys: [contextKey] },
  identity: {
    tenantFrom: [{ from: 'header', name: 'x-tenant' }],
    accountsUrl: database.identityUrl,
    sessions: {},
    publicUrl: 'https://app.example',
    credentialKeys: [credentialKey],
  },
});
bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 1 }));

/** Says so, and goes no further. */
function stop(text) {
  process.stdout.write(`${text}\n`);
  setInterval(() => undefined, 1_000);
  return new Promise(() => undefined);
}

if (what === 'sign-in') {
  const sender = { ip: '192.0.2.1', userAgent: 'a browser' };
  const { flow } = await bulkhead.identity.signIn.start({ email }, sender);
  process.stdout.write(`${flow}\n`);
  await bulkhead.identity.signIn.password({ flow, password }, sender);
  await stop('signed in');
} else {
  const cookies = [];
  const headers = { cookie: `__Host-bulkhead_session=${token}`, 'x-tenant': 'acme' };
  await bulkhead.gate.admit({
    method: 'GET',
    host: 'app.example',
    path: '/',
    header: (name) => headers[name],
    addResponseHeader: (_name, value) => cookies.push(value),
    raw: {},
  });
  await stop(`admitted ${cookies.length}`);
}
