// How fast `bulkhead-verify log` is, and how much memory it takes: node bench/audit/verify.mjs [events] [bytes].
// Writes a log of that many events of about that many bytes, verifies it in a process of its own, and prints
// one line of JSON.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  CompactTree,
  encodeBundle,
  entriesPath,
  formatCheckpointBody,
  formatSignatureLine,
  formatVerifierKey,
  keyId,
  leafHash,
  perfectRoot,
  TILE_WIDTH,
  tilePath,
} from '../../packages/verify/dist/index.js';

const events = Number(process.argv[2] ?? 1_000_000);
const bytes = Number(process.argv[3] ?? 300);
const origin = 'bench.example/log';

const cache = join(import.meta.dirname, '..', '.cache');
mkdirSync(cache, { recursive: true });
const directory = mkdtempSync(join(cache, 'verify-'));
try {
  const vkey = writeLog();
  const runs = [1, 2, 3].map(() => verify(vkey));
  const median = (of) => runs.map(of).sort((a, b) => a - b)[1];
  const seconds = median((run) => run.seconds);
  const perSecond = Math.round(events / seconds);
  // On a machine that does other work as well, this is the figure to look at.
  const perCpuSecond = Math.round(events / median((run) => run.cpuSeconds));
  const memoryMB = Math.max(...runs.map((run) => run.memoryMB));
  process.stdout.write(
    `${JSON.stringify({ events, bytes, seconds, perSecond, perCpuSecond, memoryMB })}\n`,
  );
} finally {
  rmSync(directory, { recursive: true });
}

function verify(vkey) {
  const door = new URL('../../packages/verify/dist/index.js', import.meta.url).href;
  const program = `
    const { verifyLog, parseVerifierKey } = await import(${JSON.stringify(door)});
    const started = process.hrtime.bigint();
    const { ok } = verifyLog({
      directory: ${JSON.stringify(directory)}, keys: [parseVerifierKey(${JSON.stringify(vkey)})],
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    const memoryMB = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(JSON.stringify({ ok, seconds, cpuSeconds, memoryMB }));`;
  const args = ['--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const result = stdout === '' ? { ok: false } : JSON.parse(stdout);
  if (!result.ok) throw new Error(`an honest log did not pass: ${stderr}`);
  return result;
}

function write(path, content) {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Row by row: when a tile is full it is written, and its root goes into the row above. */
function writeLog() {
  const tree = new CompactTree();
  const rows = [];
  const push = (level, hash) => {
    rows[level] ??= { n: 0, hashes: [] };
    const row = rows[level];
    row.hashes.push(hash);
    if (row.hashes.length < TILE_WIDTH) return;
    const tile = Buffer.concat(row.hashes);
    write(tilePath(level, row.n), tile);
    rows[level] = { n: row.n + 1, hashes: [] };
    push(level + 1, perfectRoot(tile, TILE_WIDTH));
  };
  const filler = randomBytes(Math.ceil(bytes / 2)).toString('hex');
  for (let from = 0; from < events; from += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, events - from);
    const entries = Array.from({ length: width }, (_, at) => {
      const event = { id: from + at, action: 'invoice.read', filler: '' };
      event.filler = filler.slice(0, Math.max(0, bytes - JSON.stringify(event).length));
      return Buffer.from(JSON.stringify(event));
    });
    write(entriesPath(from / TILE_WIDTH, width), encodeBundle(entries));
    for (const entry of entries) {
      const hash = leafHash(entry);
      tree.append(hash);
      push(0, hash);
    }
  }
  rows.forEach(({ n, hashes }, level) => {
    if (hashes.length > 0) write(tilePath(level, n, hashes.length), Buffer.concat(hashes));
  });
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const body = formatCheckpointBody({ origin, size: events, root: tree.root() });
  const signature = sign(null, Buffer.from(body), privateKey);
  write('checkpoint', `${body}\n${formatSignatureLine(origin, keyId(origin, raw), signature)}`);
  return formatVerifierKey(origin, raw);
}
