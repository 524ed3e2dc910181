/**
 * Makes of outbox rows what is to be appended: finds their logs, seals them, and lays them into the trees.
 *
 * Promises: events come into their log in the order given, and of several with one id only the first does.
 * Moves on what it remembers of heads and persons as if the batch were appended already, so that the next one
 * can be sealed meanwhile; whoever does not append it calls `forget`.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { type LogName, logKey } from '../log/log-name.ts';
import type { PendingItem } from '../parcel.ts';
import { readPending, unreadable } from '../read-pending.ts';
import type { Vault } from '../vault/vault.ts';
import { type EncodedBatch, encodeBatch, type NewSubject } from './append-batch.ts';
import { BatchBytes } from './batch-bytes.ts';
import { LogHeads, type Query } from './log-heads.ts';
import { type LogBatch, planLog, type SealedLeaf } from './plan-batch.ts';
import type { PendingRow } from './take-pending.ts';

export interface SealOptions {
  /** The count of erasures when the rows were read; read now if it is absent. */
  readonly erasures?: string | undefined;
  /** Events that are in a log already: their rows go, and nothing comes of them. */
  readonly known?: ReadonlySet<PendingItem> | undefined;
  /** Seals every event as one that cannot be read, for this reason. */
  readonly fault?: string | undefined;
}

const READ_AT_ONCE = 256;
const SEALED_BYTES = 2 * 1024 ** 2;
/** For hashes, lengths and what enciphering adds. */
const SPARE_BYTES = 16_384;

export class BatchSealer {
  readonly #vault: Vault;
  readonly #heads: LogHeads;
  /** Room for what is sealed; one batch at a time is. */
  readonly #sealed = new BatchBytes(SEALED_BYTES);

  constructor(vault: Vault, originBase: string) {
    this.#vault = vault;
    this.#heads = new LogHeads(originBase);
  }

  async seal(
    query: Query,
    rows: readonly PendingRow[],
    options: SealOptions = {},
  ): Promise<EncodedBatch> {
    const { known, fault } = options;
    const events = eventsOf(rows);
    const fresh = withoutTwins(
      known === undefined ? events : events.filter((event) => !known.has(event)),
    );
    const admitted = await this.#heads.admit(query, logsOf(fresh));
    const heads = await this.#heads.find(query, namesOf(admitted));
    const leavesOf = new Map<string, SealedLeaf[]>();
    const subjects: NewSubject[] = [];
    let { erasures } = options;
    const sealed = this.#sealed;
    sealed.clear();
    // A few at a time, so that what was read of them is gone before the garbage collector has carried it about.
    for (let at = 0; at < fresh.length || erasures === undefined; at += READ_AT_ONCE) {
      // The connection too: what it has to send and to read would otherwise wait for all of the batch.
      if (at > 0) await letOthersRun();
      const events = fresh.slice(at, at + READ_AT_ONCE);
      const reads = events.map((event) =>
        fault === undefined ? readPending(event) : unreadable(event, fault),
      );
      const sealing = await this.#vault.begin(query, reads, erasures);
      erasures = sealing.erasures;
      let before: PendingItem | undefined;
      let leaves: SealedLeaf[] = [];
      reads.forEach((read, index) => {
        // There are as many events as reads, and a log for each.
        const event = events[index] as PendingItem;
        if (before === undefined || !isSameLog(before, event)) {
          const key = logKey(admitted.get(logKey(event)) as LogName);
          leaves = leavesOf.get(key) ?? [];
          leavesOf.set(key, leaves);
          before = event;
        }
        const { leaf, openings } = sealing.seal(read);
        leaves.push({
          eventId: read.id,
          leaf: { at: sealed.length, length: sealed.addText(leaf) },
          openings: openings.map(({ person, text }) => ({
            person,
            at: sealed.length,
            length: sealed.addText(text),
          })),
        });
      });
      sealing.committed();
      subjects.push(...sealing.subjects);
    }
    const batches = [...leavesOf]
      .sort(byName)
      .map(([key, leaves]) => ({ head: heads.get(key), leaves }));
    const bytes = new BatchBytes(2 * sealed.length + SPARE_BYTES);
    const logs = batches.map((batch) => planLog(batch as LogBatch, sealed, bytes));
    return encodeBatch({ rows, logs, subjects, bytes, erasures });
  }

  forget(): void {
    this.#heads.forget();
    this.#vault.forget();
  }
}

/** In the order of their rows. */
export const eventsOf = (rows: readonly PendingRow[]): readonly PendingItem[] =>
  rows.flatMap((row) => row.events);

function logsOf(events: readonly PendingItem[]): Map<string, LogName> {
  const logs = new Map<string, LogName>();
  let before: PendingItem | undefined;
  for (const event of events) {
    if (before !== undefined && isSameLog(before, event)) continue;
    before = event;
    logs.set(logKey(event), { tenant: event.tenant, class: event.class });
  }
  return logs;
}

const isSameLog = (one: LogName, other: LogName): boolean =>
  one.tenant === other.tenant && one.class === other.class;

const namesOf = (admitted: ReadonlyMap<string, LogName>): Map<string, LogName> =>
  new Map([...admitted.values()].map((log) => [logKey(log), log]));

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** Of several events with one id in one tenant, the first. */
function withoutTwins(events: readonly PendingItem[]): readonly PendingItem[] {
  const tenants = new Map<string, string>();
  for (const { id, tenant } of events) tenants.set(id, tenant);
  if (tenants.size === events.length) return events;
  const names = new Set<string>();
  return events.filter(({ tenant, id }) => {
    const name = tenant + id;
    return !names.has(name) && names.add(name);
  });
}
