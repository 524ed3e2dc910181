/**
 * Makes of outbox rows what is to be appended: finds their logs, seals them, and lays them into the trees.
 *
 * Promises: rows come into their log in the order given, and of several rows with one id only the first does.
 * Moves on what it remembers of heads and persons as if the batch were appended already, so that the next one
 * can be sealed meanwhile; whoever does not append it calls `forget`.
 */
import { type LogName, logKey } from '../log/log-name.ts';
import { readPending, unreadable } from '../read-pending.ts';
import type { Vault } from '../vault/vault.ts';
import type { Batch } from './append-batch.ts';
import { LogHeads, type Query } from './log-heads.ts';
import { type LogBatch, planLog, type SealedLeaf } from './plan-batch.ts';
import type { PendingRow } from './take-pending.ts';

export interface SealOptions {
  /** The count of erasures when the rows were read; read now if it is absent. */
  readonly erasures?: string | undefined;
  /** Rows whose events are in a log already: they go, and nothing comes of them. */
  readonly known?: ReadonlySet<PendingRow> | undefined;
  /** Seals every row as one that cannot be read, for this reason. */
  readonly fault?: string | undefined;
}

export class BatchSealer {
  readonly #vault: Vault;
  readonly #heads: LogHeads;

  constructor(vault: Vault, originBase: string) {
    this.#vault = vault;
    this.#heads = new LogHeads(originBase);
  }

  async seal(query: Query, rows: readonly PendingRow[], options: SealOptions = {}): Promise<Batch> {
    const { known, fault } = options;
    const fresh = withoutTwins(known === undefined ? rows : rows.filter((row) => !known.has(row)));
    const admitted = await this.#heads.admit(query, logsOf(fresh));
    const heads = await this.#heads.find(query, namesOf(admitted));
    const reads = fresh.map((row) =>
      fault === undefined ? readPending(row) : unreadable(row, fault),
    );
    const sealing = await this.#vault.begin(query, reads, options.erasures);
    const leavesOf = new Map<string, SealedLeaf[]>();
    reads.forEach((read, index) => {
      // There are as many rows as reads, and a log for each.
      const log = admitted.get(logKey(fresh[index] as PendingRow)) as LogName;
      const { leaf, openings } = sealing.seal(read);
      const leaves = leavesOf.get(logKey(log));
      if (leaves === undefined) leavesOf.set(logKey(log), [{ eventId: read.id, leaf, openings }]);
      else leaves.push({ eventId: read.id, leaf, openings });
    });
    sealing.committed();
    const batches = [...leavesOf].map(([key, leaves]) => ({ head: heads.get(key), leaves }));
    const logs = batches.map((batch) => planLog(batch as LogBatch)).sort(byName);
    return { rows, logs, subjects: sealing.subjects, erasures: sealing.erasures };
  }

  forget(): void {
    this.#heads.forget();
    this.#vault.forget();
  }
}

function logsOf(rows: readonly PendingRow[]): Map<string, LogName> {
  const logs = new Map<string, LogName>();
  for (const row of rows) {
    const key = logKey(row);
    if (!logs.has(key)) logs.set(key, { tenant: row.tenant, class: row.class });
  }
  return logs;
}

const namesOf = (admitted: ReadonlyMap<string, LogName>): Map<string, LogName> =>
  new Map([...admitted.values()].map((log) => [logKey(log), log]));

const byName = (one: { head: LogName }, other: { head: LogName }): number =>
  logKey(one.head) < logKey(other.head) ? -1 : 1;

/** Of several rows with one id in one tenant, the first. */
function withoutTwins(rows: readonly PendingRow[]): PendingRow[] {
  const ids = new Set<string>();
  return rows.filter(({ tenant, id }) => {
    const name = tenant + id;
    return !ids.has(name) && ids.add(name);
  });
}
