/**
 * Verifies a running system's log against what was signed: every leaf, every hash, every checkpoint, the
 * openings and the search rows, in one pass.
 *
 * Promises: whoever changes anything without the signing key is noticed, a superuser included; with a checkpoint
 * that somebody kept (a pin, a state file) also whoever has the key. Reads one snapshot and changes nothing.
 * Does not promise: to notice that what was recorded was false when it was recorded.
 */
import type { VerifierKey } from 'bulkhead-verify';
import { CLASS, type LogName, originOf } from '../log/log-name.ts';
import type { Query } from '../open/event-opener.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { type Finding, Findings } from './findings.ts';
import { holdCheckpoints, readCheckpoints, readOverdue } from './hold-checkpoints.ts';
import { holdLookUp, holdNothingRemoved } from './hold-look-up.ts';
import { holdBlocks } from './hold-openings.ts';
import { holdPin, isSignedPin, type Pin, readPin } from './pins.ts';
import { walkLeaves } from './walk-leaves.ts';

export interface VerifyOptions {
  /** As a role that sees all tenants; in one transaction of isolation REPEATABLE READ. */
  readonly query: Query;
  readonly log: LogName;
  /** `audit.origin` of the configuration. */
  readonly originBase: string;
  /** Makes the key of a log from its origin; without keys signatures are not checked, which is noted. */
  readonly keysFor: (origin: string) => readonly VerifierKey[];
  /** Without it openings and search rows are not checked. */
  readonly wrapper: KeyWrapper | undefined;
  /** Notes that were kept, by the names to call them. */
  readonly pins: readonly { readonly name: string; readonly note: string }[];
  /** What this machine saw last. */
  readonly seen?: Pin | undefined;
  readonly onProgress?: ((leaves: number) => void) | undefined;
}

export interface VerifiedLog {
  readonly log: LogName;
  readonly origin: string;
  readonly ok: boolean;
  readonly size: number;
  readonly findings: readonly Finding[];
  /** The newest checkpoint, to be kept when all is well. */
  readonly last: Pin | undefined;
}

export async function verifyDatabaseLog(options: VerifyOptions): Promise<VerifiedLog> {
  const { query, log, originBase } = options;
  const findings = new Findings();
  const origin = originOf(originBase, log);
  // A superuser can call a log what no key can be called.
  const isClass = CLASS.test(log.class);
  if (!isClass) findings.fail('log.name', 'no class of events is called that');
  const keys = isClass ? options.keysFor(origin) : [];
  const { rows } = await query(
    'select origin, next, frontier from bulkhead.audit_log where tenant_id = $1 and class = $2',
    [log.tenant, log.class],
  );
  const [head] = rows;
  if (head === undefined) findings.fail('log.missing', `there is no head of ${origin}`);
  else if (head.origin !== origin) findings.fail('log.name', `the log calls itself ${head.origin}`);
  else findings.pass('log.name', origin);

  const checkpoints = await readCheckpoints(query, log);
  const pins = options.pins.flatMap(({ name, note }) => {
    const pin = readPin(note);
    if (pin?.origin !== origin && pin !== undefined) return [];
    if (pin !== undefined && isSignedPin(note, keys)) return [{ name, pin }];
    findings.fail('pin.form', `${name} is no checkpoint of this log, or not signed by its key`);
    return [];
  });
  if (options.seen !== undefined)
    pins.push({ name: 'the one of the state file', pin: options.seen });

  const blocks = options.wrapper && holdBlocks(query, options.wrapper, log, findings);
  let found = 0;
  const walked = await walkLeaves({
    query,
    log,
    findings,
    rootsAt: new Set([...checkpoints.map(({ size }) => size), ...pins.map(({ pin }) => pin.size)]),
    onBlock: async (block, leaves) => {
      found += await holdLookUp(query, log, findings, leaves);
      await blocks?.hold(block, leaves);
    },
    onProgress: options.onProgress,
  });
  await holdNothingRemoved(query, log, findings, found);

  if (head !== undefined && Number(head.next) !== walked.size) {
    findings.fail('head.size', `the head says ${head.next} leaves, ${walked.size} are there`);
  } else if (head !== undefined && !(head.frontier as Buffer).equals(walked.frontier)) {
    findings.fail('head.frontier', 'the head is that of another tree');
  }
  findings.pass('leaf.changed', `${walked.size} leaves, each as it was hashed, in its order`, [
    'leaf.missing',
    'leaf.overlap',
    'leaf.unreadable',
    'leaf.tenant',
    'leaf.reordered',
    'leaf.inserted',
    'leaf.removed',
    'leaf.time',
    'head.size',
  ]);
  findings.pass('tile.changed', 'the tree above them is theirs', ['tile.missing', 'tile.surplus']);
  const overdue = await readOverdue(query, log);
  holdCheckpoints(findings, checkpoints, walked, { origin, keys, overdue });
  if (keys.length === 0) findings.note('checkpoint.signature', 'no key is known: not checked');
  for (const { name, pin } of pins) holdPin(findings, pin, name, walked);
  await blocks?.finish(walked.size);
  const newest = checkpoints.at(-1);
  return {
    log,
    origin,
    ok: findings.ok,
    size: walked.size,
    findings: findings.all(),
    last: newest && { origin, size: newest.size, root: newest.root },
  };
}
