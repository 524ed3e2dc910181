/**
 * Puts on record that an operator works in a tenant, in that tenant's own log, with the reason.
 *
 * Promises: the first request is on record as it is admitted, and those that follow within five minutes with the
 * same reason stand together behind it with their number; none goes uncounted.
 */
import type { SystemRecorder } from '../audit/index.ts';
import type { Caller, NamedTenant } from './operation.ts';

interface Entry {
  readonly caller: Caller;
  readonly tenant: string;
  readonly reason: string;
  more: number;
}

const WINDOW_MS = 300_000;
const ENTRIES_MAX = 10_000;

export interface EntryRecord {
  note(caller: Caller, tenant: NamedTenant, reason: string): void;
  /** Tells what is counted and not told yet. */
  flush(): void;
}

export function createEntryRecord(system: SystemRecorder, windowMs = WINDOW_MS): EntryRecord {
  let entries = new Map<string, Entry>();
  let timer: NodeJS.Timeout | undefined;

  function tell({ caller, tenant, reason }: Entry, count: number): void {
    const { actor, requestId, origin } = caller.context;
    system.note({
      tenant,
      around: { actor: { ...actor, type: 'operator' }, requestId, reason, ...origin },
      event: {
        action: 'operator.entered',
        outcome: 'success',
        // How many requests it stands for.
        metadata: { count },
      },
    });
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const ended = entries;
    entries = new Map();
    for (const entry of ended.values()) if (entry.more > 0) tell(entry, entry.more);
  }

  return {
    note(caller, { id: tenant }, reason) {
      const { type, id } = caller.context.actor;
      const key = `${type}:${id} ${tenant} ${reason}`;
      const known = entries.get(key);
      if (known !== undefined) {
        known.more += 1;
        return;
      }
      if (entries.size >= ENTRIES_MAX) flush();
      const entry: Entry = { caller, tenant, reason, more: 0 };
      entries.set(key, entry);
      tell(entry, 1);
      timer ??= setTimeout(flush, windowMs);
      timer.unref();
    },
    flush,
  };
}
