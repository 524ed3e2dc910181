/**
 * Notes when and from where keys were last used.
 *
 * Promises: no request waits for it, and a key that is used a thousand times a second costs one row every few
 * seconds; what is noted and not yet written is written at the end. Does not promise anything against a killed
 * process: the last few seconds are then not told.
 */
import { runOutsideContext } from '../../isolation/index.ts';
import type { QueryPort } from '../tenant-lookup.ts';

export interface KeyUses {
  /** @param key the token's SHA-256 in base64 */
  note(key: string, ip: string | undefined): void;
  /** Writes what is noted. */
  flush(): Promise<void>;
}

const WRITE_EVERY_MS = 5_000;
const KEYS_MAX = 10_000;
const SEEN = 'select bulkhead.api_key_seen($1, $2, $3)';

interface Use {
  ip: string | undefined;
  atMs: number;
}

export function createKeyUses(
  db: QueryPort,
  options: { readonly writeEveryMs?: number } = {},
): KeyUses {
  const writeEveryMs = options.writeEveryMs ?? WRITE_EVERY_MS;
  let uses = new Map<string, Use>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (uses.size === 0) return writing;
    const written = uses;
    uses = new Map();
    writing = writing.then(async () => {
      const now = performance.now();
      const entries = [...written];
      try {
        await db.query(SEEN, [
          entries.map(([key]) => Buffer.from(key, 'base64')),
          entries.map(([, { atMs }]) => Math.round(now - atMs)),
          entries.map(([, { ip }]) => ip ?? null),
        ]);
      } catch {
        // A use that is not on record is none of the next request's affair, which is noted anew.
      }
    });
    return writing;
  }

  return {
    note(key, ip) {
      const use = uses.get(key);
      if (use !== undefined) {
        use.atMs = performance.now();
        use.ip = ip;
        return;
      }
      if (uses.size >= KEYS_MAX) return;
      uses.set(key, { ip, atMs: performance.now() });
      // Outlives the request, and must not keep the process alive.
      timer ??= runOutsideContext(() => setTimeout(() => void write(), writeEveryMs).unref());
    },
    flush: write,
  };
}
