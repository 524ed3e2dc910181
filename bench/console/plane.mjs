/**
 * The control plane over the ground of ten million events, in a process of its own, and an operator who is signed in
 * to it as the console signs in: with password and authenticator.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { totpCode } from '../../packages/bulkhead/dist/identity/sign-in/totp/totp-code.js';
import { createBulkhead } from '../../packages/bulkhead/dist/index.js';
import { BIG, openGround, personId, pg, tenantId } from '../audit/ground.mjs';

const OPERATORS = '00000000-0000-0000-0000-000000000000';
const OPERATOR = {
  email: 'noor@bench.example',
  name: 'Noor Haddad',
  password: 'correct horse battery staple',
};
const SENDER = { ip: '192.0.2.1', userAgent: 'a benchmark' };

/** As `bulkhead serve` runs it. */
async function serve({ config, appUrl, port }) {
  const server = createServer((request, response) => handle(request, response));
  await once(server.listen(port, 'localhost'), 'listening');
  const origin = `http://localhost:${server.address().port}`;
  const bulkhead = createBulkhead({
    ...config,
    http: {
      publicUrl: `${origin}/bulkhead`,
      requestsPerMinute: 1_000_000,
      anonymousRequestsPerMinute: 1_000_000,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
      ...config.http,
    },
  });
  bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 8 }));
  const plane = bulkhead.controlPlane();
  const handle = plane.node;
  bulkhead.audit.start();
  await plane.start();
  process.on('disconnect', async () => {
    server.closeAllConnections();
    server.close();
    await bulkhead.close();
  });
  process.send({ origin });
}

export async function openPlane(options, say) {
  const ground = await openGround(options, say);
  const { admin, plan, urlOf } = ground;
  const config = {
    ...ground.config,
    identity: {
      accountsUrl: urlOf('identity'),
      publicUrl: 'http://localhost',
      productName: 'Notes',
      sessions: {},
      credentialKeys: [plan.credentialKey],
      mail: { folder: ground.dataDir, from: 'Notes <hello@notes.example>' },
    },
    http: { proverUrl: ground.server.superuserUrl },
  };
  if (plan.operator === undefined) {
    const { http: _, ...without } = config;
    plan.operator = await enrol(without, admin);
    ground.save();
  }
  const child = fork(fileURLToPath(import.meta.url), ['serve']);
  child.send({ config, appUrl: urlOf('app'), port: 0 });
  const [{ origin }] = await once(child, 'message');
  const api = `${origin}/bulkhead/api/v1/`;
  const cookie = await signIn(api, plan.operator);
  const { csrfToken } = await (await fetch(`${api}me`, { headers: { cookie } })).json();

  const plane = {
    ground,
    console: `${origin}/bulkhead/console/`,
    cookie,
    big: BIG,
    tenantId,
    personId,
    pid: child.pid,
    /** As the operator, who says why. */
    ask: (path, { method = 'GET', body } = {}) =>
      fetch(api + path, {
        method,
        headers: {
          cookie,
          'bulkhead-reason': 'a%20benchmark',
          ...(method !== 'GET' && {
            'x-csrf-token': csrfToken,
            'content-type': 'application/json',
            origin,
            'sec-fetch-site': 'same-origin',
          }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async close() {
      child.disconnect();
      await once(child, 'exit');
      await ground.close();
    },
  };
  await proven(plane);
  return plane;
}

/** An account in the operators' tenant, with an authenticator. */
async function enrol(config, admin) {
  const bulkhead = createBulkhead(config);
  try {
    const { users, passwords, signIn: door, totp } = bulkhead.identity;
    const { id } = await users.create({ email: OPERATOR.email, name: OPERATOR.name });
    await passwords.establish({ userId: id, password: OPERATOR.password });
    await admin.query('set role bulkhead');
    await admin.query(
      `select bulkhead.access_member_join($1, 'system:bench', 'user', $2, $3, $4)`,
      [OPERATORS, id, OPERATOR.name, OPERATOR.email],
    );
    await admin.query(
      `select bulkhead.access_give($1, 'system:bench', 'user', $2, 'owner', null, 'direct', null)`,
      [OPERATORS, id],
    );
    await admin.query('reset role');
    const { flow } = await door.start({ email: OPERATOR.email }, SENDER);
    const { sessionId } = await door.password({ flow, password: OPERATOR.password }, SENDER);
    const { secret } = await totp.enrol({ sessionId });
    // One step behind, so that the code of this moment is still good for signing in.
    const code = totpCode(fromBase32(secret), Math.floor(Date.now() / 30_000) - 1);
    await totp.confirm({ sessionId, code }, SENDER);
    return { id, secret };
  } finally {
    await bulkhead.close();
  }
}

async function signIn(api, { secret }) {
  const send = (path, body) =>
    fetch(`${api}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: new URL(api).origin,
        'sec-fetch-site': 'same-origin',
      },
      body: JSON.stringify(body),
    });
  const { email, password } = OPERATOR;
  const { challenge } = await (await send('sign-in/password', { email, password })).json();
  const code = totpCode(fromBase32(secret), Math.floor(Date.now() / 30_000));
  const answer = await send('sign-in/second-factor', { challenge, method: 'totp', code });
  const set = answer.headers.getSetCookie().find((line) => /session=/.test(line));
  if (set === undefined) {
    throw new Error(`could not sign in (${answer.status}); a code works once in thirty seconds`);
  }
  return set.split(';', 1)[0];
}

/** The isolation map shows a proof: one is made the first time. */
async function proven({ ask, ground: { admin } }) {
  const isDone = async () => {
    const { rowCount } = await admin.query(
      `select from bulkhead.control_job where kind = 'proof' and status = 'done' limit 1`,
    );
    return rowCount > 0;
  };
  if (await isDone()) return;
  await ask('isolation/proofs', { method: 'POST', body: {} });
  for (let turn = 0; turn < 600 && !(await isDone()); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function fromBase32(text) {
  const bits = [...text.replace(/=+$/, '')]
    .map((character) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(character))
    .map((value) => value.toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'serve') {
  process.once('message', serve);
}
