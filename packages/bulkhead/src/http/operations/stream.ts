/** The live stream: what happens, while it happens. */
import { z } from 'zod';
import { eventStream } from '../live/event-stream.ts';
import type { LiveHub } from '../live/live-hub.ts';
import type { ControlOperation } from '../operation.ts';

const KINDS =
  'Events: `denial` (somebody was refused), `activity` (how much was recorded), `change` (who may do what has changed), `proof`, `log` (verified), `job`, and `reset` (more was missed than is kept: read afresh). Data is JSON. `Last-Event-ID` resumes within a day.';

export function streamOperations(hub: LiveHub): ControlOperation[] {
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
        return eventStream({
          hub,
          tenant: caller.plane === 'operator' ? null : caller.context.tenant.id,
          lastEventId: request.headers.get('last-event-id'),
          expiresAtMs: caller.context.expiresAtMs,
          signal,
        });
      },
    },
  ];
}
