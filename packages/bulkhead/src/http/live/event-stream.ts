/**
 * Notices as server-sent events.
 *
 * Promises: each carries the id to resume from; a silent line of life is sent every fifteen seconds; the stream
 * ends with the context that it was admitted with, so that whoever may no longer listen is asked again.
 */
import type { LiveHub, Notice } from './live-hub.ts';

export interface EventStreamOptions {
  readonly hub: LiveHub;
  readonly tenant: string | null;
  readonly lastEventId: string | null;
  readonly expiresAtMs: number;
  readonly signal: AbortSignal;
  /** Told once, when the stream has ended in whatever way. */
  readonly onLeft: () => void;
}

const BEAT_MS = 15_000;
const RETRY_MS = 2_000;
/** A listener that lets this much pile up is not there any more. */
const UNREAD_MAX = 500;
const LIFETIME_MS_MAX = 3_600_000;

/** Before everything that is kept. */
const NEVER = -1;

const NAMES: Readonly<Record<string, string>> = { verification: 'log' };

export async function eventStream(options: EventStreamOptions): Promise<Response> {
  const { hub, tenant, lastEventId, expiresAtMs, signal, onLeft } = options;
  const encoder = new TextEncoder();
  // An id that was never given out names nothing to resume from: whoever sends it is told to read afresh.
  const after = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : NEVER;
  let send: ((text: string) => void) | undefined;
  let end: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        send = (text) => {
          if ((controller.desiredSize ?? 0) < -UNREAD_MAX) end?.();
          else controller.enqueue(encoder.encode(text));
        };
        end = () => {
          send = undefined;
          end = undefined;
          try {
            controller.close();
          } catch {
            // The client has closed it.
          }
          leave();
        };
      },
      cancel() {
        send = undefined;
        end = undefined;
        leave();
      },
    },
    new CountQueuingStrategy({ highWaterMark: 1 }),
  );
  let stop: (() => void) | undefined;
  let left = false;
  const beat = setInterval(() => send?.(': \n\n'), BEAT_MS);
  const lifetimeMs = Math.min(LIFETIME_MS_MAX, Math.max(1_000, expiresAtMs - Date.now()));
  const expiry = setTimeout(() => end?.(), lifetimeMs);
  const onAbort = () => end?.();
  beat.unref();
  expiry.unref();
  signal.addEventListener('abort', onAbort, { once: true });
  function leave(): void {
    if (left) {
      stop?.();
      return;
    }
    left = true;
    onLeft();
    clearInterval(beat);
    clearTimeout(expiry);
    signal.removeEventListener('abort', onAbort);
    stop?.();
  }
  send?.(`retry: ${RETRY_MS}\n\n`);
  try {
    stop = await hub.listen(
      {
        tenant,
        tell: (notice) => send?.(written(notice)),
        reset: (seq) => send?.(`id: ${seq}\nevent: reset\ndata: {}\n\n`),
        end: () => end?.(),
      },
      lastEventId === null || lastEventId === '' ? undefined : after,
    );
  } catch (error) {
    leave();
    throw error;
  }
  if (left) stop();
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // Proxies that gather answers would gather this one for ever.
      'x-accel-buffering': 'no',
    },
  });
}

/** JSON has no line breaks outside of its texts' escapes, so the data is one line. */
const written = ({ seq, kind, data }: Notice): string =>
  `id: ${seq}\nevent: ${NAMES[kind] ?? kind}\ndata: ${JSON.stringify(data)}\n\n`;
