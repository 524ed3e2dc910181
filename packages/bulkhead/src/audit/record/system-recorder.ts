/**
 * Records what Bulkhead itself sees: requests, refusals, crossings.
 *
 * Promises: recording never changes what is recorded: a request that cannot be recorded was answered all the
 * same, and whoever watches is told. What comes from clients is cut to size before it is looked at.
 */
import type { EventQueue } from './event-queue.ts';
import { prepareEvent, type Surroundings } from './prepare-event.ts';

export interface SystemEvent {
  readonly tenant: string;
  readonly around: Surroundings;
  /** As `record` takes it, of one of Bulkhead's own actions. */
  readonly event: Readonly<Record<string, unknown>> & { readonly action: string };
}

export interface SystemRecorder {
  /** Queues the event; a failure goes to whoever listens, never to the caller. */
  note(event: SystemEvent): void;
  /** Queues the event and waits until it is committed. */
  record(event: SystemEvent): Promise<string>;
  /** Told of every event that could not be recorded. */
  onFailure: ((error: unknown) => void) | undefined;
}

export function createSystemRecorder(queue: EventQueue): SystemRecorder {
  async function record({ tenant, around, event }: SystemEvent): Promise<string> {
    const { type, id } = around.actor;
    return queue.add({ tenant, type, id }, prepareEvent(undefined, event, around));
  }
  const recorder: SystemRecorder = {
    onFailure: undefined,
    record,
    note(event) {
      record(event).catch((error: unknown) => recorder.onFailure?.(error));
    },
  };
  return recorder;
}
