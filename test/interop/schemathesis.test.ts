/**
 * Somebody else's reading of /openapi.json: schemathesis sends what it says is valid, and what it says is not, and
 * holds every answer against it.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generateCredentialKey } from '../../packages/bulkhead/src/index.ts';
import { createControlGround } from '../support/control-plane.ts';

const BIN = join(import.meta.dirname, '../../.cache/interop/schemathesis/bin');
const ready = existsSync(join(BIN, '../requirements.txt'));
const SECONDS = 25;

/** They end the game for all that come later, never end themselves, or ask name servers that are not there. */
const UNTRIED = [
  'tenant.close',
  'tenant.disable',
  'member.leave',
  'member.remove',
  'member.suspend',
  'ownership.transfer',
  'policy.set',
  'grant.revoke',
  'grant.change_end',
  'stream.get',
  'isolation.prove',
  'audit.verify',
  'verified_domain.verify',
];

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

test.skipIf(!ready).each([['operators-owner'], ['acme-owner']])(
  'schemathesis finds no fault, as %s',
  { timeout: 180_000 },
  async (person) => {
    const folder = await mkdtemp(join(tmpdir(), 'bulkhead-schemathesis-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // The address is part of the configuration, so it is there before what answers.
    let answer: Parameters<typeof createServer>[1];
    // Longer heads than its own limit are refused by Node itself, before there is a request.
    const server = createServer({ maxHeaderSize: 1 << 20 }, (request, response) =>
      answer?.(request, response),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { bulkhead } = await createControlGround({
      identity: {
        sessions: {},
        apiKeys: {},
        credentialKeys: [generateCredentialKey()],
        publicUrl: 'https://app.fuzz.example',
        mail: { folder, from: 'fuzz@fuzz.example' },
        nameServers: ['127.0.0.1:1'],
      },
      http: {
        publicUrl,
        requestsPerMinute: 1_000_000,
        anonymousRequestsPerMinute: 1_000_000,
        proveEveryMinutes: 0,
        verifyEveryMinutes: 0,
      },
    });
    answer = bulkhead.controlPlane().node;
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    await writeFile(
      join(folder, 'schemathesis.toml'),
      `headers = { Authorization = "Test ${person}"${person.startsWith('operators') ? ', Bulkhead-Reason = "fuzz"' : ''} }
[parameters]
"path.tenant" = "acme"
`,
    );
    const output = await run(folder, [
      ...['run', `${publicUrl}/openapi.json`],
      ...['--max-time', String(SECONDS), '--seed', process.env.FUZZ_SEED ?? '299233'],
      ...['--checks', CHECKS.join(','), '--continue-on-failure', '--warnings', 'off', '--no-color'],
      ...UNTRIED.flatMap((name) => ['--exclude-operation-id', name]),
    ]);
    // It ends with an error too where it can't make a value for a pattern; what counts is what it found.
    expect(
      [...output.matchAll(/❌ (ST\d+.*)/g)].map(([, found]) => found),
      output,
    ).toEqual([]);
    expect(Number(/(\d+) generated/.exec(output)?.[1]), output).toBeGreaterThan(0);
  },
);

function run(cwd: string, values: readonly string[]) {
  return new Promise<string>((resolve) => {
    execFile(
      join(BIN, 'st'),
      values,
      { cwd, maxBuffer: 50_000_000, timeout: 170_000 },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
}
