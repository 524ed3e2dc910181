/**
 * Signs the logs that have grown.
 *
 * Promises: signs only what it has read and hashed itself, from where its last checkpoint ended; never a tree
 * that is smaller than the last one, that does not continue it, or that is not the one the sequencer says it
 * is. It refuses rather than repairs, and a log that it refuses holds up no other. Its role can read logs and
 * publish checkpoints and nothing else.
 */
import { type CompactTree, hashBundle, parseBundle } from 'bulkhead-verify';
import { DatabaseError } from 'pg';
import { type LogName, logKey } from '../log/log-name.ts';
import { appendHashes, restore } from '../log/tiled-tree.ts';
import { byteaArray, int8Array, textArray, uuidArray } from '../sequencer/binary-array.ts';
import type { Query } from '../sequencer/log-heads.ts';
import { type SigningKey, signCheckpoint } from './signing-key.ts';

/** Where a round has come to; tests end the process there. */
export type SignerStep = 'read' | 'hashed' | 'signed' | 'publishing' | 'published';

export interface SignerOptions {
  /** All of them sign. */
  readonly keys: readonly SigningKey[];
  readonly onRefusal?: (refusal: Refusal) => void;
  readonly onStep?: (step: SignerStep) => void | Promise<void>;
  readonly logsMax?: number;
}

export type RefusalReason =
  /** The log has fewer leaves than its last checkpoint covers. */
  | 'smaller'
  /** Leaves between the last checkpoint and the head are missing or unreadable. */
  | 'gap'
  /** The leaves do not make the tree that the head says. */
  | 'inconsistent';

export interface Refusal extends LogName {
  readonly reason: RefusalReason;
  /** What the last checkpoint covers, and what the head says. */
  readonly signedSize: number;
  readonly headSize: number;
}

interface GrownLog extends LogName {
  readonly origin: string;
  readonly signedSize: number;
  readonly next: number;
  readonly headFrontier: Buffer;
  /** Begins at the last checkpoint and ends at the head. */
  readonly tree: CompactTree;
}

const LOGS_MAX = 1_000;
const BYTES_MAX = 8 * 1024 ** 2;
const REFUSED_MAX = 10_000;
const SERIALIZATION_FAILURE = '40001';

export class Signer {
  readonly #options: SignerOptions;
  /** By log, the head that was refused: told once, and passed over until the head is another. */
  readonly #refused = new Map<string, string>();

  constructor(options: SignerOptions) {
    this.#options = options;
  }

  /** Signs every log that has grown, up to a bound; says how many, and whether some may be left. */
  async next(query: Query): Promise<{ signed: number; isDrained: boolean }> {
    const logsMax = (this.#options.logsMax ?? LOGS_MAX) + this.#refused.size;
    const { rows } = await query('select * from bulkhead.audit_to_sign($1)', [logsMax]);
    const grown = rows.map(readGrown).filter((log) => this.#isWhole(log));
    await this.#step('read');
    const whole = await this.#extend(query, grown);
    await this.#step('hashed');
    const ready = whole.filter((log) => this.#matchesHead(log));
    if (ready.length > 0) await this.#publish(query, ready);
    return { signed: ready.length, isDrained: rows.length < logsMax };
  }

  #isWhole(log: GrownLog): boolean {
    if (this.#refused.get(logKey(log)) === headOf(log)) return false;
    if (log.next > log.signedSize) return true;
    this.#refuse(log, 'smaller');
    return false;
  }

  /** Reads the leaves that came since the last checkpoint and hashes them into each log's tree. */
  async #extend(query: Query, logs: readonly GrownLog[]): Promise<GrownLog[]> {
    const whole: GrownLog[] = [];
    let open = [...logs];
    while (open.length > 0) {
      const before = open.map(({ tree }) => tree.size);
      const broken = new Set<GrownLog>();
      const { rows } = await query(
        // As base64, which is read in half the time of the hexadecimal that bytes come in by themselves.
        "select ordinal, first, count, pg_catalog.encode(entries, 'base64') as entries from bulkhead.audit_entries($1, $2, $3, $4, $5)",
        [
          uuidArray(open.map((log) => log.tenant)),
          textArray(open.map((log) => log.class)),
          int8Array(before),
          int8Array(open.map((log) => log.next)),
          BYTES_MAX,
        ],
      );
      for (const row of rows) {
        const log = open[Number(row.ordinal) - 1];
        if (log === undefined || broken.has(log)) continue;
        if (!appendChunk(log, row)) broken.add(log);
      }
      const isStuck = open.every(({ tree }, at) => tree.size === before[at]);
      for (const log of open) {
        if (broken.has(log) || (isStuck && log.tree.size < log.next)) this.#refuse(log, 'gap');
        else if (log.tree.size === log.next) whole.push(log);
      }
      if (isStuck) break;
      open = open.filter((log) => !broken.has(log) && log.tree.size < log.next);
    }
    return whole;
  }

  #matchesHead(log: GrownLog): boolean {
    if (frontierOf(log.tree).equals(log.headFrontier)) return true;
    this.#refuse(log, 'inconsistent');
    return false;
  }

  async #publish(query: Query, logs: readonly GrownLog[]): Promise<void> {
    const { keys } = this.#options;
    const roots = logs.map(({ tree }) => tree.root());
    const notes = logs.map(({ origin, tree }, at) =>
      signCheckpoint(keys, { origin, size: tree.size, root: roots[at] ?? Buffer.of() }),
    );
    await this.#step('signed');
    const publishing = query('select bulkhead.publish_checkpoints($1, $2, $3, $4, $5, $6)', [
      uuidArray(logs.map((log) => log.tenant)),
      textArray(logs.map((log) => log.class)),
      int8Array(logs.map(({ tree }) => tree.size)),
      byteaArray(roots),
      byteaArray(logs.map(({ tree }) => frontierOf(tree))),
      textArray(notes),
    ]);
    try {
      await Promise.all([publishing, this.#step('publishing')]);
    } catch (error) {
      // Another signer came first; what is left is signed in the next round.
      if (error instanceof DatabaseError && error.code === SERIALIZATION_FAILURE) return;
      throw error;
    }
    for (const log of logs) this.#refused.delete(logKey(log));
    await this.#step('published');
  }

  #refuse(log: GrownLog, reason: RefusalReason): void {
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear();
    this.#refused.set(logKey(log), headOf(log));
    const { tenant, class: name, signedSize, next } = log;
    this.#options.onRefusal?.({ tenant, class: name, reason, signedSize, headSize: next });
  }

  async #step(step: SignerStep): Promise<void> {
    await this.#options.onStep?.(step);
  }
}

function readGrown(row: Record<string, unknown>): GrownLog {
  const signedSize = Number(row.signed_size);
  return {
    tenant: String(row.tenant_id),
    class: String(row.class),
    origin: String(row.origin),
    next: Number(row.next),
    headFrontier: row.frontier as Buffer,
    signedSize,
    tree: restore(signedSize, row.signed_frontier as Buffer),
  };
}

function appendChunk({ tree, next }: GrownLog, row: Record<string, unknown>): boolean {
  const count = Number(row.count);
  if (Number(row.first) !== tree.size || tree.size + count > next) return false;
  let hashes: Buffer;
  try {
    const bundle = Buffer.from(String(row.entries), 'base64');
    hashes = hashBundle(bundle, parseBundle(bundle, count));
  } catch {
    return false;
  }
  appendHashes(tree, hashes);
  return true;
}

const frontierOf = (tree: CompactTree): Buffer => Buffer.concat(tree.state().hashes);

const headOf = ({ next, headFrontier }: GrownLog): string =>
  `${next}/${headFrontier.toString('base64')}`;
