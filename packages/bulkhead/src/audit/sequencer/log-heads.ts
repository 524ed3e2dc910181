/**
 * The heads of the logs that were lately appended to, kept between batches so that a busy log's is not read
 * again. They may be stale: appending compares, and who lost forgets them all.
 */
import { type LogName, logKey, originOf, STANDARD_CLASS } from '../log/log-name.ts';
import { TiledTree } from '../log/tiled-tree.ts';
import { textArray, uuidArray } from './binary-array.ts';

export interface LogHead extends LogName {
  readonly origin: string;
  readonly tree: TiledTree;
}

export type Query = (
  text: string,
  values: unknown[],
) => Promise<{ rows: Record<string, unknown>[] }>;

/** Enough for a thousand tenants at work at once; each takes about a kilobyte. */
const HEADS_MAX = 20_000;
/** A class made up by an injected statement must not make logs without end. */
const LOGS_PER_TENANT_MAX = 32;

export class LogHeads {
  readonly #originBase: string;
  readonly #heads = new Map<string, LogHead>();

  constructor(originBase: string) {
    this.#originBase = originBase;
  }

  /** The head of each log, by `logKey`; of one that does not exist yet, an empty one. */
  async find(query: Query, logs: ReadonlyMap<string, LogName>): Promise<Map<string, LogHead>> {
    const found = new Map<string, LogHead>();
    const absent: LogName[] = [];
    for (const [key, log] of logs) {
      const head = this.#heads.get(key);
      if (head === undefined) absent.push(log);
      else found.set(key, head);
    }
    if (absent.length === 0) return found;
    const { rows } = await query(
      'select ordinal, origin, next, frontier from bulkhead.audit_heads($1, $2)',
      [uuidArray(absent.map((log) => log.tenant)), textArray(absent.map((log) => log.class))],
    );
    if (this.#heads.size + absent.length > HEADS_MAX) this.#heads.clear();
    const read = new Map(rows.map((row) => [Number(row.ordinal) - 1, row]));
    absent.forEach((log, index) => {
      const row = read.get(index);
      const head =
        row === undefined
          ? { ...log, origin: originOf(this.#originBase, log), tree: new TiledTree(0, Buffer.of()) }
          : {
              ...log,
              origin: String(row.origin),
              tree: new TiledTree(Number(row.next), row.frontier as Buffer),
            };
      found.set(logKey(log), head);
      this.#heads.set(logKey(log), head);
    });
    return found;
  }

  /**
   * Which of these logs an event may go into: a tenant that has as many as it may have gets no new one, and
   * the event goes into its standard log instead.
   */
  async admit(query: Query, logs: ReadonlyMap<string, LogName>): Promise<Map<string, LogName>> {
    const admitted = new Map(logs);
    const strange = [...logs].filter(
      ([key, log]) => log.class !== STANDARD_CLASS && !this.#heads.has(key),
    );
    if (strange.length === 0) return admitted;
    const heads = await query('select ordinal from bulkhead.audit_heads($1, $2)', [
      uuidArray(strange.map(([, log]) => log.tenant)),
      textArray(strange.map(([, log]) => log.class)),
    ]);
    const existing = new Set(heads.rows.map((row) => Number(row.ordinal) - 1));
    const fresh = strange.filter((_, index) => !existing.has(index));
    const tenants = [...new Set(fresh.map(([, log]) => log.tenant))];
    const counts = await query('select ordinal, logs from bulkhead.audit_log_counts($1)', [
      uuidArray(tenants),
    ]);
    const logsOf = new Map(
      counts.rows.map((row) => [tenants[Number(row.ordinal) - 1], Number(row.logs)]),
    );
    for (const [key, log] of fresh) {
      const count = (logsOf.get(log.tenant) ?? 0) + 1;
      logsOf.set(log.tenant, count);
      if (count >= LOGS_PER_TENANT_MAX) {
        admitted.set(key, { tenant: log.tenant, class: STANDARD_CLASS });
      }
    }
    return admitted;
  }

  forget(): void {
    this.#heads.clear();
  }
}
