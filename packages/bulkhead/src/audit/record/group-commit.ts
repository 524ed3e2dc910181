/**
 * Records of one process that are transactions of their own, and are made at the same moment, commit together.
 *
 * Promises: each is acknowledged once it is committed, and one that the database refuses fails nobody else. What
 * is recorded in a caller's transaction never comes here.
 */
import { isolationError, runOutsideContext } from '../../isolation/index.ts';
import type { EventHolder, HeldEvent } from '../parcel.ts';
import type { PreparedEvent } from './prepare-event.ts';
import { assertHolder, type SignParcel, submit } from './submit.ts';

/** The protected pool: what it is asked to run here is in no context. */
export interface GroupPool {
  systemQuery(text: string, values: unknown[]): Promise<unknown>;
}

export interface GroupCommit {
  /** Resolves when the event is committed; rejects with what the pool rejects with. */
  add(holder: EventHolder, event: PreparedEvent, endMs: number): Promise<void>;
}

interface Waiting extends HeldEvent {
  /** When the context ends that it is recorded in. */
  readonly endMs: number;
  readonly settle: (error?: unknown) => void;
}

/** While one group is on its way the next one gathers; two keep a connection and this process both at work. */
const UNDER_WAY_MAX = 2;

export function createGroupCommit(pool: GroupPool, sign: SignParcel): GroupCommit {
  let waiting: Waiting[] = [];
  let underWay = 0;
  let isDue = false;
  const query = (text: string, values: unknown[]) => pool.systemQuery(text, values);

  function schedule(): void {
    if (isDue || underWay === UNDER_WAY_MAX || waiting.length === 0) return;
    isDue = true;
    // After everything that this turn of the event loop still brings.
    runOutsideContext(() => setImmediate(flush));
  }

  function flush(): void {
    isDue = false;
    const nowMs = Date.now();
    const group = waiting.filter(({ endMs, settle }) => {
      if (nowMs < endMs) return true;
      settle(isolationError('isolation.context_expired'));
      return false;
    });
    waiting = [];
    if (group.length === 0) return;
    underWay += 1;
    void send(group).finally(() => {
      underWay -= 1;
      schedule();
    });
  }

  async function send(group: readonly Waiting[]): Promise<void> {
    for (let rest = group; rest.length > 0; ) {
      try {
        const count = await submit(query, sign, rest);
        for (const { settle } of rest.slice(0, count)) settle();
        rest = rest.slice(count);
      } catch (error) {
        if (rest.length > 1 && isOfContent(error)) {
          // One of them is at fault: each for itself.
          await Promise.all(rest.map((one) => send([one])));
          return;
        }
        for (const { settle } of rest) settle(error);
        return;
      }
    }
  }

  return {
    add(holder, event, endMs) {
      assertHolder(holder);
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
        waiting.push({ holder, event, endMs, settle });
        schedule();
      });
    },
  };
}

/** SQLSTATE classes of data and of constraints; in all else every event shares. */
const isOfContent = (error: unknown): boolean =>
  /^2[23]/.test(String((error as { code?: unknown } | null)?.code));
