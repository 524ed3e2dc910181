/**
 * Answers a change that is sent again as it was answered the first time (draft-ietf-httpapi-idempotency-key).
 *
 * Promises: a change is made at most once under one key, whatever is killed when; once answered, the same
 * request gets the same answer for a day, also from another process or after a restart; another request under
 * the key is refused. Answers lie encrypted, because some hold a secret that is shown once. A change that marks
 * itself (`fence.ts`) and was lost before its commit is made by whoever sends it again.
 * Does not promise the answer of a change that was made when its process was killed or its connection to the
 * database lost, nor to know of one that does not mark itself: that is told, and never tried again by itself.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { httpError } from '../errors.ts';
import type { Mark } from './fence.ts';

export type OperatorQuery = (
  text: string,
  values: unknown[],
) => Promise<{ readonly rows: Record<string, unknown>[] }>;

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotentRequest {
  readonly tenant: string;
  readonly actor: string;
  readonly key: string;
  /** Method, address and body. */
  readonly asked: string;
  /** Every statement that changes something carries the mark. */
  readonly fenced: boolean;
}

export interface Attempt {
  /** The answer that was kept; then nothing is to be done. */
  readonly kept: KeptAnswer | undefined;
  /** By what the change marks itself. */
  readonly mark: Mark;
  /** Never fails: what can't be kept now is kept as soon as the database is back. */
  keep(answer: KeptAnswer): Promise<void>;
  /** What failed for now may be tried again under the same key; never fails itself. */
  release(): Promise<void>;
  /** Lost under way: whoever asks again under the key makes it, where it is known to be unmade, or is told that nobody knows; never fails itself. */
  abandon(): Promise<void>;
}

const HOLD_SECONDS = 60;
/** How long the same request waits for the one before it, which is mostly about to be answered or given up. */
const WAIT_MS = 2_000;
const LOOK_EVERY_MS = 100;
const KEY = /^[\x21-\x7e]{1,255}$/;

const CLAIM = `
  insert into bulkhead.idempotency_key as k (tenant_id, actor, key, request_hash, holder, held_until, fenced)
  values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 second', $7)
  on conflict (tenant_id, actor, key) do update set key = k.key
  returning k.request_hash, k.holder, k.status, k.sealed, k.held_until < clock_timestamp() as dead, k.fenced and not k.made as unmade`;

/** Of the attempt that was seen to be dead, unless it turns out to have made the change. */
const TAKE_OVER = `
  update bulkhead.idempotency_key
     set holder = $4, held_until = clock_timestamp() + $5 * interval '1 second'
   where tenant_id = $1 and actor = $2 and key = $3 and holder = $6 and status is null and fenced and not made`;

export interface Idempotency {
  /**
   * @throws `http.idempotency_key_invalid`, `http.idempotency_key_reused`, `http.idempotency_conflict`,
   * `http.idempotency_outcome_unknown`
   */
  begin(request: IdempotentRequest): Promise<Attempt>;
}

interface Claim extends Mark {
  readonly tenant: string;
  readonly hash: Buffer;
  readonly fenced: boolean;
}

export function createIdempotency(query: OperatorQuery, secret: Buffer): Idempotency {
  /** The key's row, which is either answered or this attempt's. */
  async function claim(given: Claim): Promise<Record<string, unknown>> {
    const { tenant, actor, key, hash, holder, fenced } = given;
    const endMs = performance.now() + WAIT_MS;
    for (;;) {
      const { rows } = await query(CLAIM, [tenant, actor, key, hash, holder, HOLD_SECONDS, fenced]);
      const [row] = rows;
      if (row === undefined || !(row.request_hash as Buffer).equals(hash)) {
        throw httpError('http.idempotency_key_reused');
      }
      if (row.status !== null || row.holder === holder) return row;
      if (row.dead === true && row.unmade !== true) {
        throw httpError('http.idempotency_outcome_unknown');
      }
      if (row.dead === true) {
        await query(TAKE_OVER, [tenant, actor, key, holder, HOLD_SECONDS, row.holder]);
      } else if (performance.now() > endMs) throw httpError('http.idempotency_conflict');
      else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  return {
    async begin({ tenant, actor, key, asked, fenced }) {
      if (!KEY.test(key)) throw httpError('http.idempotency_key_invalid');
      const hash = createHash('sha256').update(asked).digest();
      const holder = randomUUID();
      const row = await claim({ tenant, actor, key, hash, holder, fenced });
      const name = `${tenant}\n${actor}\n${key}`;
      const mine = [tenant, actor, key, holder];
      return {
        mark: { actor, key, holder },
        kept:
          row.status === null
            ? undefined
            : { status: Number(row.status), ...open(secret, name, row.sealed as Buffer) },
        async keep({ status, headers, body }) {
          const kept = [...mine, status, seal(secret, name, JSON.stringify({ headers, body }))];
          // The change is made, and its answer is at hand whether or not it can be kept now.
          await query(KEEP, kept).catch(() => void askUntilDone(query, KEEP, kept));
        },
        async release() {
          await query(RELEASE, mine).catch(() => void askUntilDone(query, RELEASE, mine));
        },
        async abandon() {
          await query(ABANDON, mine).catch(() => void askUntilDone(query, ABANDON, mine));
        },
      };
    },
  };
}

const KEEP = `
  update bulkhead.idempotency_key set status = $5, sealed = $6, holder = null, held_until = null
   where tenant_id = $1 and actor = $2 and key = $3 and holder = $4`;

const RELEASE = `
  delete from bulkhead.idempotency_key
   where tenant_id = $1 and actor = $2 and key = $3 and holder = $4 and status is null`;

/** Whoever asks again makes it, or is told that nobody knows, and not that somebody is still at it. */
const ABANDON = `
  update bulkhead.idempotency_key set held_until = clock_timestamp()
   where tenant_id = $1 and actor = $2 and key = $3 and holder = $4 and status is null`;

const AGAIN_EVERY_MS = 250;

/** The database went away under a change: what is known of it is written as soon as it is back. */
async function askUntilDone(query: OperatorQuery, text: string, values: unknown[]): Promise<void> {
  for (let turn = 0; turn < (HOLD_SECONDS * 1_000) / AGAIN_EVERY_MS; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_EVERY_MS).unref());
    const done = await query(text, values).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function seal(secret: Buffer, name: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function open(secret: Buffer, name: string, sealed: Buffer): Omit<KeptAnswer, 'status'> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(name))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const text = Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
    // Written by `keep`, and authenticated.
    return JSON.parse(text) as Omit<KeptAnswer, 'status'>;
  } catch (cause) {
    // The key it was sealed under is gone: the answer can't be given again, and the change must not be made again.
    throw httpError('http.idempotency_key_reused', { cause });
  }
}
