/** The commands that read the audit log, and the verifier, as npm installs it, on what they write. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ORIGIN, recordIn, T1, T2 } from '#test/audit-ground';
import { type AuditHistory, createAuditHistory } from '#test/audit-history';
import { MAIN, type Outcome, runCommand, runProcess } from '#test/run-command';

const VERIFY = join(import.meta.dirname, '../../packages/verify/dist/main.js');

function start(main: string, args: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { PATH: process.env.PATH } });
  const outcome = new Promise<Outcome>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, outcome };
}

interface Room {
  readonly history: AuditHistory;
  readonly folder: string;
  bulkhead(...args: string[]): Promise<Outcome>;
  verify(...args: string[]): Promise<Outcome>;
  path(name: string): string;
}

async function createRoom(sizes: readonly number[]): Promise<Room> {
  const history = await createAuditHistory(sizes);
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { database } = history;
  await history.admin.query(
    `insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme'), ($2, 'bora', 'Bora')`,
    [T1, T2],
  );
  const config = {
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey], operatorUrl: database.operatorUrl },
    identity: {},
    audit: { origin: ORIGIN, vaultKeys: [history.vaultKey], signingKeys: [history.signingKey] },
  };
  await writeFile(join(folder, 'bulkhead.config.mjs'), `export default ${JSON.stringify(config)}`);
  return {
    history,
    folder,
    bulkhead: (...args) => runCommand(args, { cwd: folder }),
    verify: (...args) => start(VERIFY, args, folder).outcome,
    path: (name) => join(folder, name),
  };
}

const VKEY = `${ORIGIN}/${T1}/standard`;

test('search prints a table, JSON and pages, and streams every format to a file', async () => {
  const { bulkhead, folder, path, history } = await createRoom([40]);
  const adas = ['audit', 'search', '--tenant', 'acme', '--actor', 'user:ada', '--limit', '5'];
  const table = await bulkhead(...adas);
  expect(table).toMatchObject({ code: 0, stderr: '' });
  // Of two logs at once, indexed and not, and without a warning of what lies below.
  await recordIn(history.admin, { tenant: T2, class: 'billing' });
  await history.grow(1030, T2);
  await history.index();
  const both = ['audit', 'search', '--tenant', T2];
  for (const words of [adas, both]) {
    expect(await runProcess(words, { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
  }
  expect(table.stdout).toMatch(/actor\s+Ada Lovelace/);
  expect(table.stdout).toContain('--cursor');
  const json = JSON.parse((await bulkhead('audit', 'search', '--tenant', T1, '--json')).stdout);
  expect(json.events).toHaveLength(40);
  expect(json.next).toBeNull();
  for (const format of ['ndjson', 'csv', 'ocsf', 'ecs', 'cef', 'rfc5424']) {
    const { code } = await bulkhead(
      'audit',
      'search',
      '--tenant',
      'acme',
      '--format',
      format,
      '--out',
      format,
    );
    expect(code, format).toBe(0);
    const lines = (await readFile(path(format), 'utf8')).split('\n');
    expect(lines.length, format).toBe(format === 'csv' ? 42 : 41);
  }
  const stdout = await bulkhead(
    'audit',
    'search',
    '--tenant',
    'acme',
    '--text',
    'ada',
    '--format',
    'ndjson',
  );
  expect(
    stdout.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).actor.name),
  ).toEqual(Array.from({ length: 14 }, () => 'Ada Lovelace'));
  expect((await readdir(path('.'))).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('wrong use ends with 64, an unreachable database with 69, a missing section with 78', async () => {
  const { bulkhead, path, history } = await createRoom([1]);
  expect((await bulkhead('audit', 'search')).code).toBe(64);
  expect((await bulkhead('audit', 'search', '--tenant', 'nobody')).code).toBe(64);
  expect((await bulkhead('audit', 'search', '--tenant', 'acme', '--action', 'No Such')).code).toBe(
    64,
  );
  expect((await bulkhead('audit', 'search', '--tenant', 'acme', '--cursor', 'forged')).code).toBe(
    64,
  );
  expect((await bulkhead('audit', 'verify', '--vkey', 'nonsense')).code).toBe(64);
  expect((await bulkhead('audit', 'verify', '--class', 'standart')).code).toBe(64);
  const forgetful = await bulkhead('audit', 'verify', '--state', 'no/such/folder.json');
  expect(forgetful.stderr).toContain('kernel.file_unreadable');
  expect((await bulkhead('audit', 'proof', 'no-uuid', '--tenant', 'acme')).code).toBe(64);
  const text = await readFile(path('bulkhead.config.mjs'), 'utf8');
  const searchBy = async (name: string, config: string) => {
    await writeFile(path(name), config);
    return bulkhead('audit', 'search', '--tenant', 'acme', '--config', name);
  };
  const away = text.replaceAll(/@(localhost|127\.0\.0\.1):\d+/g, '@127.0.0.1:1');
  expect((await searchBy('away.mjs', away)).code).toBe(69);
  const without = text.replace(/"audit":\{[^}]*\}/, '"audit":undefined');
  const { code, stderr } = await searchBy('without.mjs', without);
  expect(code).toBe(78);
  expect(stderr).toContain('audit.unconfigured');
  expect(stderr).not.toContain(history.vaultKey);
});

test('every reading crosses on record, with its reason', async () => {
  const { bulkhead, history } = await createRoom([1]);
  await bulkhead('audit', 'search', '--tenant', 'acme', '--reason', 'Ticket 7');
  await bulkhead('audit', 'verify');
  const { rows } = await history.admin.query(
    'select reason, outcome from bulkhead.operator_crossing order by started_at',
  );
  expect(rows).toEqual([
    { reason: 'Ticket 7', outcome: 'completed' },
    { reason: 'bulkhead audit verify', outcome: 'completed' },
  ]);
});

test('verify passes an honest system, names a tampering, and remembers what it saw', async () => {
  const { bulkhead, history, path } = await createRoom([300]);
  const first = await bulkhead('audit', 'verify', '--state', 'state.json');
  expect(first.stdout).toContain('PASS leaf.changed 300 leaves');
  expect(first.code).toBe(0);
  await writeFile(path('kept.checkpoint'), await history.checkpoint());
  await history.grow(100);
  await history.sign();
  const second = await bulkhead(
    'audit',
    'verify',
    '--state',
    'state.json',
    '--pin',
    'kept.checkpoint',
  );
  expect(second.code).toBe(0);
  expect(second.stdout).toContain('the log continues kept.checkpoint, over 300 leaves');
  await history.admin.query(
    `update bulkhead.audit_chunk set entries = overlay(entries placing 'denied!'::bytea from position('success'::bytea in entries)) where tenant_id = $1 and first = 0`,
    [T1],
  );
  const caught = await bulkhead('audit', 'verify', '--json');
  expect(caught.code).toBe(1);
  const { ok, logs } = JSON.parse(caught.stdout);
  expect(ok).toBe(false);
  expect(logs.find(({ tenant }: { tenant: string }) => tenant === T1).findings).toContainEqual(
    expect.objectContaining({ id: 'leaf.changed', status: 'FAIL' }),
  );
  // A log that was seen before and is gone as a whole is still asked for.
  for (const table of ['log', 'chunk', 'tile', 'checkpoint', 'event', 'opening']) {
    await history.admin.query(`delete from bulkhead.audit_${table}`);
  }
  const gone = await bulkhead('audit', 'verify', '--state', 'state.json');
  expect(gone.code).toBe(1);
  expect(gone.stdout).toContain('FAIL pin.rollback');
});

test('an export of the whole log passes the verifier, and says how an auditor checks it', async () => {
  const { bulkhead, verify, history, path } = await createRoom([300, 400, 77]);
  const [event = ''] = await history.grow(3);
  await history.sign();
  const made = await bulkhead(
    'audit',
    'export',
    '--tenant',
    'acme',
    '--out',
    'acme',
    '--prove',
    event,
  );
  expect(made).toMatchObject({ code: 0 });
  const vkey = history.vkeyOf(VKEY);
  expect(made.stdout).toContain(vkey);
  const checked = await verify(
    'log',
    'acme',
    '--vkey',
    vkey,
    '--origin',
    VKEY,
    '--strict-size',
    '--openings',
    'acme/openings.jsonl',
    '--inclusion',
    `acme/proofs/${event}.json`,
  );
  expect(checked).toMatchObject({ code: 0 });
  expect(checked.stdout).not.toContain('FAIL');
  const manifest = JSON.parse(await readFile(path('acme/manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({
    tenant: T1,
    origin: VKEY,
    verifierKeys: [vkey],
    checkpoint: { size: 780 },
    entries: { first: 0, end: 780 },
    openings: { erased: 0 },
  });
  const readme = await readFile(path('acme/README.txt'), 'utf8');
  expect(readme).toContain(`--vkey '${vkey}'`);
  // Another tenant's key does not pass it.
  const other = await verify('log', 'acme', '--vkey', history.vkeyOf(`${ORIGIN}/${T2}/standard`));
  expect(other.code).toBe(1);
});

test('an export of some time holds all its events, leaves the others’ entries out, and verifies', async () => {
  const { bulkhead, verify, history, path } = await createRoom([]);
  const { recordIn, newIds } = await import('#test/audit-ground');
  const { drain } = await history.sequencer();
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
  for (let n = 0; n < 20; n += 1) {
    await recordIn(history.admin, {
      ids: newIds(200),
      actor: 'user:ada',
      events: Array.from({ length: 200 }, () =>
        JSON.stringify({
          action: 'note.created',
          outcome: 'success',
          actor: { name: 'Ada' },
          targets: [],
          time: day(n),
        }),
      ),
    });
    await drain();
    await history.sign();
  }
  await history.index();
  const made = await bulkhead(
    'audit',
    'export',
    '--tenant',
    'acme',
    '--out',
    'part',
    '--from',
    day(8),
    '--to',
    day(11),
  );
  expect(made).toMatchObject({ code: 0 });
  const manifest = JSON.parse(await readFile(path('part/manifest.json'), 'utf8'));
  // Days 8, 9 and 10 are leaves 1600 to 2199; bundles begin at multiples of 256.
  expect(manifest.entries).toEqual({ first: 1536, end: 2200 });
  const checked = await verify(
    'log',
    'part',
    '--vkey',
    history.vkeyOf(VKEY),
    '--min-index',
    '1536',
  );
  expect(checked).toMatchObject({ code: 0 });
  const openings = (await readFile(path('part/openings.jsonl'), 'utf8')).trim().split('\n');
  const opened = openings.map((line) => Number(JSON.parse(line).leafIndex));
  expect([Math.min(...opened), Math.max(...opened)]).toEqual([1600, 2199]);
  const backwards = ['--from', day(11), '--to', day(8), '--out', 'none'];
  const refused = await bulkhead('audit', 'export', '--tenant', 'acme', ...backwards);
  expect(refused.stderr).toContain('audit.filter_invalid');
  expect(await readdir(path('part/tile/entries'))).not.toContain('005');
  expect(await readdir(path('part/tile/entries'))).toContain('006');
});

test('a proof stands for itself, as text and as JSON; of another tenant’s event there is none', async () => {
  const { bulkhead, verify, history, path } = await createRoom([500]);
  const [event = ''] = await history.grow(1);
  const [foreign = ''] = await history.grow(1, T2);
  await history.sign();
  const vkey = history.vkeyOf(VKEY);
  expect((await bulkhead('audit', 'proof', event, '--tenant', 'acme', '--out', 'p.txt')).code).toBe(
    0,
  );
  expect(await readFile(path('p.txt'), 'utf8')).toMatch(
    /^c2sp\.org\/tlog-proof@v1\nextra [\w+/=]+\nindex 500\n/,
  );
  expect(await verify('proofs', 'p.txt', '--vkey', vkey)).toMatchObject({ code: 0 });
  await bulkhead('audit', 'proof', event, '--tenant', 'acme', '--form', 'json', '--out', 'p.json');
  expect(
    await verify('proofs', 'p.json', '--checkpoint', 'p.json.checkpoint', '--vkey', vkey),
  ).toMatchObject({ code: 0 });
  const again = await bulkhead('audit', 'proof', event, '--tenant', 'acme', '--out', 'p.txt');
  expect(again.stderr).toContain('kernel.file_exists');
  const refused = await bulkhead('audit', 'proof', foreign, '--tenant', 'acme');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('audit.leaf_absent');
});

test('whatever is done to an export is caught by the verifier', async () => {
  const { bulkhead, verify, history, path } = await createRoom([300, 300]);
  await history.grow(200, T2);
  await history.sign();
  await bulkhead('audit', 'export', '--tenant', 'acme', '--out', 'acme');
  await bulkhead('audit', 'export', '--tenant', 'bora', '--out', 'bora');
  const vkey = history.vkeyOf(VKEY);
  const flip = async (file: string, at: number) => {
    const bytes = await readFile(file);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
  };
  const tamperings: Record<string, (copy: string) => Promise<unknown>> = {
    'an edited entry': (copy) => flip(join(copy, 'tile/entries/000'), 100),
    'an edited tile': (copy) => flip(join(copy, 'tile/0/001'), 64),
    'a missing bundle': (copy) => rm(join(copy, 'tile/entries/001')),
    'swapped bundles': async (copy) => {
      const [one, two] = [join(copy, 'tile/entries/000'), join(copy, 'tile/entries/001')];
      const kept = await readFile(one);
      await writeFile(one, await readFile(two));
      await writeFile(two, kept);
    },
    'a checkpoint of another log': (copy) => cp(path('bora/checkpoint'), join(copy, 'checkpoint')),
    'an edited checkpoint': (copy) => flip(join(copy, 'checkpoint'), 90),
    'an edited opening': async (copy) => {
      const file = join(copy, 'openings.jsonl');
      await writeFile(file, (await readFile(file, 'utf8')).replace('Ada', 'Eva'));
    },
  };
  for (const [what, tamper] of Object.entries(tamperings)) {
    await cp(path('acme'), path('copy'), { recursive: true });
    await tamper(path('copy'));
    const { code, stdout } = await verify(
      'log',
      'copy',
      '--vkey',
      vkey,
      '--origin',
      VKEY,
      '--openings',
      'copy/openings.jsonl',
    );
    expect(code, what).toBe(1);
    expect(stdout, what).toContain('FAIL');
    await rm(path('copy'), { recursive: true });
  }
});

test('a log that was tampered with in the database is not exported under the asked name', async () => {
  const { bulkhead, history, folder } = await createRoom([300]);
  await history.admin.query(
    `update bulkhead.audit_chunk set hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1) where tenant_id = $1`,
    [T1],
  );
  const { code, stderr } = await bulkhead('audit', 'export', '--tenant', 'acme', '--out', 'acme');
  expect(code).toBe(1);
  expect(stderr).toContain('audit.export_refused');
  expect(await readdir(folder)).not.toContain('acme');
});

test('killed at any moment, an export leaves nothing that looks whole, and the next run finishes it', async () => {
  const { bulkhead, verify, history, folder } = await createRoom([256 * 12]);
  const args = ['audit', 'export', '--tenant', 'acme', '--out', 'acme'];
  let killed = 0;
  for (let delayMs = 250; killed < 4 && delayMs < 3000; delayMs += 120) {
    const { child, outcome } = start(MAIN, args, folder);
    const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    const { code } = await outcome;
    clearTimeout(timer);
    if (code === 0) break;
    killed += 1;
    expect(await readdir(folder)).not.toContain('acme');
    await history.grow(1);
    await history.sign();
  }
  expect(killed).toBeGreaterThan(0);
  if (!(await readdir(folder)).includes('acme'))
    expect(await bulkhead(...args)).toMatchObject({ code: 0 });
  expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  expect(
    await verify('log', 'acme', '--vkey', history.vkeyOf(VKEY), '--strict-size'),
  ).toMatchObject({ code: 0 });
  expect((await bulkhead(...args)).stderr).toContain('audit.export_exists');
});
