/**
 * A database with an audit log, and what tests of the log do to it: record as several transactions at once,
 * sequence and sign step by step, and read back what is in the trees.
 */
import { randomUUID } from 'node:crypto';
import { CompactTree, leafHash, parseBundle, parseCheckpoint, parseNote } from 'bulkhead-verify';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  Sequencer,
  type SequencerOptions,
} from '../../packages/bulkhead/src/audit/sequencer/sequencer.ts';
import { Signer, type SignerOptions } from '../../packages/bulkhead/src/audit/signer/signer.ts';
import {
  generateSigningKey,
  parseSigningKey,
} from '../../packages/bulkhead/src/audit/signer/signing-key.ts';
import { createLocalKeyWrapper } from '../../packages/bulkhead/src/audit/vault/key-wrapper.ts';
import { createVault } from '../../packages/bulkhead/src/audit/vault/vault.ts';
import { generateVaultKey } from '../../packages/bulkhead/src/audit/vault/vault-key.ts';
import { preparing } from '../../packages/bulkhead/src/audit/worker/run-loop.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export const T1 = '10000000-0000-4000-8000-000000000001';
export const T2 = '20000000-0000-4000-8000-000000000002';
export const ORIGIN = 'audit.test.example';

export interface AuditGround {
  readonly database: TestDatabase;
  /** May do everything; for arranging and checking. */
  readonly admin: pg.Client;
  readonly vaultKey: string;
  readonly signingKey: string;
  connect(url: string): Promise<pg.Client>;
  sequencer(options?: Partial<SequencerOptions>): Promise<SteppedSequencer>;
  signer(options?: Partial<SignerOptions>): Promise<SteppedSigner>;
}

export interface SteppedSequencer {
  readonly client: pg.Client;
  /** One batch. */
  next(): ReturnType<Sequencer['next']>;
  /** Until the outbox holds nothing that it may take; returns how many rows it consumed. */
  drain(): Promise<number>;
}

export interface SteppedSigner {
  readonly client: pg.Client;
  next(): ReturnType<Signer['next']>;
}

export async function createAuditGround(): Promise<AuditGround> {
  const database = await createTestDatabase();
  const clients: pg.Client[] = [];
  const connect = async (url: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    // Tests end backends on purpose.
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  onTestFinished(async () => {
    for (const client of clients) await client.end().catch(() => undefined);
    await database.drop();
  });
  const admin = await connect(database.superuserUrl);
  // That the database's own context key was installed is an event too, and none of the test's.
  await admin.query('delete from bulkhead.audit_pending');
  const vaultKey = generateVaultKey();
  const signingKey = generateSigningKey();
  return {
    database,
    admin,
    vaultKey,
    signingKey,
    connect,
    async sequencer(options = {}) {
      const client = await connect(database.auditUrl);
      const query = preparing(client);
      const vault = createVault(createLocalKeyWrapper([vaultKey]));
      const sequencer = new Sequencer({ vault, originBase: ORIGIN, ...options });
      const next = () => sequencer.next(query);
      return { client, next, drain: () => drain(next) };
    },
    async signer(options = {}) {
      const client = await connect(database.signerUrl);
      const query = preparing(client);
      const signer = new Signer({ keys: [parseSigningKey(signingKey)], ...options });
      return { client, next: () => signer.next(query) };
    },
  };
}

async function drain(next: () => ReturnType<Sequencer['next']>): Promise<number> {
  let consumed = 0;
  for (let turns = 0; turns < 10_000; turns += 1) {
    const progress = await next();
    consumed += progress.consumed;
    if (progress.isDrained) return consumed;
  }
  throw new Error('the outbox does not drain');
}

export interface Recording {
  readonly tenant?: string;
  readonly class?: string;
  readonly ids?: readonly string[];
  readonly actor?: string | null;
  /** The text of each event; by default a small event that holds the id. */
  readonly events?: readonly string[];
}

/** Records as the system does, in whatever transaction `client` is in. */
export async function recordIn(
  client: pg.ClientBase,
  recording: Recording = {},
): Promise<string[]> {
  const ids = [...(recording.ids ?? [randomUUID()])];
  await client.query('select bulkhead.audit_record_as($1, $2, $3, $4, $5)', [
    recording.tenant ?? T1,
    recording.actor === undefined ? 'system:test' : recording.actor,
    ids,
    ids.map(() => recording.class ?? 'standard'),
    recording.events ?? ids.map((id) => eventText(id)),
  ]);
  return ids;
}

export function eventText(id: string): string {
  return JSON.stringify({
    action: 'note.created',
    outcome: 'success',
    targets: [{ id, type: 'note' }],
  });
}

export const newIds = (count: number): string[] =>
  Array.from({ length: count }, () => randomUUID());

export interface Leaf {
  readonly index: number;
  readonly bytes: Buffer;
  readonly json: Record<string, unknown> & { id: string; action: string };
}

/** What is in a log, read straight from the tables and held against head, tiles and checkpoints. */
export async function readLog(
  admin: pg.Client,
  tenant = T1,
  className = 'standard',
): Promise<Leaf[]> {
  const log = await admin.query(
    'select next, frontier, origin from bulkhead.audit_log where tenant_id = $1 and class = $2',
    [tenant, className],
  );
  const chunks = await admin.query(
    'select first, count, entries, hashes from bulkhead.audit_chunk where tenant_id = $1 and class = $2 order by first',
    [tenant, className],
  );
  const leaves: Leaf[] = [];
  const tree = new CompactTree();
  const roots = new Map<number, Buffer>();
  for (const { first, count, entries, hashes } of chunks.rows) {
    if (Number(first) !== leaves.length) throw new Error(`chunk ${first} does not follow`);
    parseBundle(entries, count).forEach((bytes, at) => {
      const hash = leafHash(bytes);
      if (!hash.equals(hashes.subarray(32 * at, 32 * at + 32))) throw new Error('a hash is wrong');
      tree.append(hash);
      leaves.push({
        index: leaves.length,
        bytes: Buffer.from(bytes),
        json: JSON.parse(Buffer.from(bytes).toString()),
      });
      roots.set(leaves.length, Buffer.from(tree.root()));
    });
  }
  const [head] = log.rows;
  if (Number(head?.next ?? 0) !== leaves.length) throw new Error('the head is elsewhere');
  if (head && !Buffer.concat(tree.state().hashes).equals(head.frontier)) {
    throw new Error('the frontier is not that of the leaves');
  }
  await holdCheckpoints(admin, tenant, className, roots);
  await holdLookUp(admin, tenant, className, leaves);
  return leaves;
}

async function holdCheckpoints(
  admin: pg.Client,
  tenant: string,
  className: string,
  roots: ReadonlyMap<number, Buffer>,
): Promise<void> {
  const { rows } = await admin.query(
    'select size, root, note from bulkhead.audit_checkpoint where tenant_id = $1 and class = $2',
    [tenant, className],
  );
  for (const { size, root, note } of rows) {
    const said = parseCheckpoint(parseNote(note).text);
    const meant = roots.get(Number(size));
    if (said.size !== Number(size)) throw new Error('a note says another size');
    if (meant === undefined || !meant.equals(root) || !meant.equals(said.root)) {
      throw new Error('a checkpoint is not of this tree');
    }
  }
}

async function holdLookUp(
  admin: pg.Client,
  tenant: string,
  className: string,
  leaves: readonly Leaf[],
): Promise<void> {
  const { rows } = await admin.query(
    'select id, leaf_index from bulkhead.audit_event where tenant_id = $1 and class = $2 order by leaf_index',
    [tenant, className],
  );
  const found = rows.map((row) => `${row.leaf_index} ${row.id}`);
  const meant = leaves.map(({ index, json }) => `${index} ${json.id}`);
  if (found.join() !== meant.join()) throw new Error('the look-up is not that of the leaves');
}

/** The ids in a log, in its order. */
export async function idsInLog(admin: pg.Client, tenant = T1, name?: string): Promise<string[]> {
  return (await readLog(admin, tenant, name)).map(({ json }) => json.id);
}

export async function countPending(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query('select count(*)::int as count from bulkhead.audit_pending');
  return rows[0]?.count;
}
