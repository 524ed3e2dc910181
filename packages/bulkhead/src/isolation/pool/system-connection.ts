/**
 * One connection of Bulkhead's own for what the server says by itself: notifications.
 *
 * Promises: it came in as the role that row-level security binds, like every other; it carries constant
 * statements of rooms alone; when it ends, for whatever reason, `onEnd` is told once. It keeps no process alive.
 * Does not promise that a silent connection is a living one: whoever listens asks now and then.
 */
import pg from 'pg';
import { runOutsideContext } from '../tenant-context.ts';
import { connectionError } from './connection-error.ts';
import { handshake } from './handshake.ts';
import { asText, connectionOf } from './pg-internals.ts';

export interface SystemConnection {
  /** Behind a pooler, where nobody can listen. */
  readonly isPooled: boolean;
  /** Every value comes as text. */
  ask(text: string): Promise<pg.QueryResult>;
  /** Ends it at once, without waiting for the server. */
  destroy(): void;
}

export interface SystemConnectionEvents {
  readonly onNotification: (channel: string, payload: string) => void;
  readonly onEnd: () => void;
}

/** @throws `isolation.database_unavailable`, `isolation.role_unsafe`, `isolation.pooler_unannounced` */
export function openSystemConnection(
  options: pg.PoolConfig,
  pooler: 'detect' | 'none' | 'transaction',
  events: SystemConnectionEvents,
): Promise<SystemConnection> {
  return runOutsideContext(async () => {
    const client = new pg.Client({ ...options, keepAlive: true });
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      events.onEnd();
    };
    const destroy = () => {
      connectionOf(client).stream.destroy();
      over();
    };
    client.on('error', destroy);
    client.on('end', over);
    client.on('notification', ({ channel, payload }) =>
      events.onNotification(channel, payload ?? ''),
    );
    const ask = (text: string) => client.query({ text, types: asText });
    try {
      await client.connect();
      (connectionOf(client).stream as { unref?: () => void }).unref?.();
      const { processID } = client as unknown as { processID: number };
      const { pooled } = await handshake(ask, processID, { role: 'app', pooler });
      return { isPooled: pooled, ask, destroy };
    } catch (error) {
      isOver = true;
      connectionOf(client).stream.destroy();
      throw connectionError(error as Error);
    }
  });
}
