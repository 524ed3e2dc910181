/** What `bulkhead audit verify` does. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseVerifierKey } from 'bulkhead-verify';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { type KnownLog, knownLogs } from '../verify/known-logs.ts';
import { type PinState, readState, writeState } from '../verify/pins.ts';
import { type VerifiedLog, verifyDatabaseLog } from '../verify/verify-database.ts';
import { asOperator, type OperatorSession, originFor } from './operator-session.ts';
import type { VerifyInput } from './verify.ts';

export async function runVerify(io: CommandIo, input: VerifyInput): Promise<ExitCode> {
  const pins = await Promise.all(input.pin.map((path) => readPinFile(io.cwd, path)));
  const state = input.state === undefined ? undefined : resolve(io.cwd, input.state);
  const before = await readStateFile(state);
  const session = { command: 'audit verify', reason: input.reason, vkeys: input.vkey };
  const results = await asOperator(io, session, async (operator) => {
    const tenant = input.tenant === undefined ? undefined : await operator.tenant(input.tenant);
    const logs = await logsOf(operator, before, tenant, input.class);
    if (logs.length === 0 && input.class !== undefined) {
      throw kernelError('kernel.usage', {
        message: `--class: there is no log of the class “${input.class}”.`,
      });
    }
    return verifyAll(io, operator, logs, { pins, before, logOnly: input.logOnly });
  });
  const after = new Map(before);
  for (const { ok, origin, last } of results) if (ok && last !== undefined) after.set(origin, last);
  if (state !== undefined) await writeStateFile(state, after);
  const failed = results.filter(({ ok }) => !ok).length;
  const leaves = results.reduce((sum, { size }) => sum + size, 0);
  io.line();
  io.line(
    failed === 0
      ? `${io.paint.ok('✓')} ${results.length} logs, ${leaves} leaves: everything is as it was signed.`
      : `${io.paint.fault('✖')} ${failed} of ${results.length} logs are not as they were signed.`,
  );
  io.result({ ok: failed === 0, leaves, logs: results.map(forPrograms) });
  return failed === 0 ? exitCodes.done : exitCodes.found;
}

/** Those that the database knows of, and those that were seen before: a deleted log must not go unseen. */
async function logsOf(
  { query, config }: OperatorSession,
  before: PinState,
  tenant: string | undefined,
  of: string | undefined,
): Promise<KnownLog[]> {
  const logs = await knownLogs(query, {
    ...(tenant !== undefined && { tenant }),
    ...(of !== undefined && { class: of }),
  });
  const known = new Set(logs.map((log) => originFor(config, log.tenant, log.class)));
  for (const origin of before.keys()) {
    const [seenTenant, seenClass] = origin.slice(config.origin.length + 1).split('/');
    if (known.has(origin) || !origin.startsWith(`${config.origin}/`)) continue;
    if (seenTenant === undefined || seenClass === undefined) continue;
    if ((tenant ?? seenTenant) !== seenTenant || (of ?? seenClass) !== seenClass) continue;
    logs.push({ tenant: seenTenant, class: seenClass, leaves: 0 });
  }
  return logs;
}

async function verifyAll(
  io: CommandIo,
  { query, config, wrapper, vkeysFor }: OperatorSession,
  logs: readonly KnownLog[],
  options: {
    readonly pins: readonly { readonly name: string; readonly note: string }[];
    readonly before: PinState;
    readonly logOnly: boolean;
  },
): Promise<VerifiedLog[]> {
  const results: VerifiedLog[] = [];
  const progress = io.progress(
    'Verifying',
    logs.reduce((sum, { leaves }) => sum + leaves, 0),
  );
  for (const log of logs) {
    const result = await verifyDatabaseLog({
      query,
      log: { tenant: log.tenant, class: log.class },
      originBase: config.origin,
      keysFor: (origin) => vkeysFor(origin).map(parseVerifierKey),
      wrapper: options.logOnly ? undefined : wrapper,
      pins: options.pins,
      seen: options.before.get(originFor(config, log.tenant, log.class)),
      onProgress: (leaves) => progress.advance(leaves, log.tenant),
    });
    results.push(result);
  }
  progress.done();
  for (const result of results) show(io, result);
  return results;
}

function show(io: CommandIo, { origin, size, findings }: VerifiedLog): void {
  io.line(io.paint.strong(`${origin}  ${size} leaves`));
  for (const { id, status, detail } of findings) {
    const painted = { PASS: io.paint.ok, FAIL: io.paint.fault, NOTE: io.paint.faint }[status];
    io.line(`${painted(status)} ${id} ${detail}`);
  }
}

const forPrograms = ({ origin, ok, size, findings, log }: VerifiedLog) => ({
  origin,
  tenant: log.tenant,
  class: log.class,
  ok,
  size,
  findings,
});

async function readPinFile(cwd: string, path: string): Promise<{ name: string; note: string }> {
  try {
    return { name: path, note: await readFile(resolve(cwd, path), 'utf8') };
  } catch (cause) {
    throw kernelError('kernel.file_unreadable', { message: `${path} could not be read.`, cause });
  }
}

async function writeStateFile(path: string, state: PinState): Promise<void> {
  try {
    await writeState(path, state);
  } catch (cause) {
    throw kernelError('kernel.file_unreadable', {
      message: `${path} could not be written: what was seen is not remembered.`,
      cause,
    });
  }
}

async function readStateFile(path: string | undefined): Promise<PinState> {
  if (path === undefined) return new Map();
  try {
    return await readState(path);
  } catch (cause) {
    throw kernelError('kernel.file_unreadable', {
      message: `${path} is no state file of bulkhead audit verify.`,
      cause,
    });
  }
}
