/** The live stream: what happens, while it happens. */
import { z } from 'zod';
import type { TenantContext } from '../../isolation/index.ts';
import { httpError } from '../errors.ts';
import { eventStream } from '../live/event-stream.ts';
import type { LiveHub } from '../live/live-hub.ts';
import type { ControlOperation } from '../operation.ts';

const RETRY = { 'retry-after': '10' };

const KINDS =
  'Events: `denial` (somebody was refused), `activity` (how much was recorded), `change` (who may do what has changed), `proof`, `log` (verified), `job`, and `reset` (more was missed than is kept: read afresh). Data is JSON. `Last-Event-ID` resumes within a day.';

export function streamOperations(hub: LiveHub, perActorMax: number): ControlOperation[] {
  const open = new Map<string, number>();

  /** @throws `http.too_many_requests` for one stream more than an actor may have. */
  function opened({ tenant, actor }: TenantContext): () => void {
    const key = `${tenant.id} ${actor.type}:${actor.id}`;
    const count = (open.get(key) ?? 0) + 1;
    if (count > perActorMax) {
      throw Object.assign(httpError('http.too_many_requests'), { headers: RETRY });
    }
    open.set(key, count);
    return () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    };
  }

  return [
    {
      name: 'stream.get',
      room: 'http',
      summary: 'Streams what happens, as server-sent events.',
      description: `${KINDS} Members are told of their own tenant alone.`,
      permission: 'audit:read',
      kind: 'read',
      input: z.strictObject({}),
      output: { stream: ['text/event-stream'] },
      errors: [],
      async run({ caller, request, signal }) {
        if (caller === null) throw new Error('the route demands credentials');
        const onLeft = opened(caller.context);
        return eventStream({
          hub,
          tenant: caller.plane === 'operator' ? null : caller.context.tenant.id,
          lastEventId: request.headers.get('last-event-id'),
          expiresAtMs: caller.context.expiresAtMs,
          signal,
          onLeft,
        });
      },
    },
  ];
}
