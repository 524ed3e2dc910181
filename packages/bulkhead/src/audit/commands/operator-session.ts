/**
 * What the commands that read have in common: they connect as the operators' role, put the crossing on record
 * before they read anything, and see one snapshot of the log, however long they take.
 */
import { userInfo } from 'node:os';
import { parseVerifierKey, type VerifierKey } from 'bulkhead-verify';
import pg from 'pg';
import { z } from 'zod';
import { isolationError } from '../../isolation/index.ts';
import type { CommandIo } from '../../kernel/command.ts';
import { databaseUrlSchema } from '../../kernel/config/index.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { connectionError } from '../../kernel/migrations/database-error.ts';
import { type AuditConfig, auditSection } from '../config.ts';
import { auditError } from '../errors.ts';
import { originOf } from '../log/log-name.ts';
import type { Query } from '../open/event-opener.ts';
import { parseSigningKey, verifierKeyOf } from '../signer/signing-key.ts';
import { createLocalKeyWrapper, type KeyWrapper } from '../vault/key-wrapper.ts';
import { findTenant } from './find-tenant.ts';

export interface OperatorSession {
  readonly query: Query;
  readonly config: AuditConfig;
  readonly wrapper: KeyWrapper;
  /** The id of a tenant, given by id or slug; `bulkhead-operators` is the operators' own log. */
  tenant(given: string): Promise<string>;
  /** Keys of a log: those given with `--vkey` for it, else those of `audit.signingKeys`. */
  vkeysFor(origin: string): string[];
}

export interface SessionOptions {
  readonly command: string;
  readonly reason?: string | undefined;
  readonly vkeys?: readonly string[] | undefined;
}

/** @throws `audit.unconfigured`, `isolation.operator_unconfigured`, `kernel.database_unavailable`, `kernel.usage` */
export async function asOperator<T>(
  io: CommandIo,
  options: SessionOptions,
  work: (session: OperatorSession) => Promise<T>,
): Promise<T> {
  const config = await io.section('audit', auditSection.optional());
  if (config === undefined) throw auditError('audit.unconfigured');
  const { operatorUrl } = await io.section(
    'isolation',
    z.looseObject({ operatorUrl: databaseUrlSchema.optional() }),
  );
  if (operatorUrl === undefined) throw isolationError('isolation.operator_unconfigured');
  const given = (options.vkeys ?? []).map((text) => ({ text, key: readVkey(text) }));
  const client = new pg.Client({ connectionString: operatorUrl, application_name: 'bulkhead' });
  // A connection lost between two statements fails the next one, which reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, operatorUrl);
  }
  // A search reads from several places at once; the driver takes one statement at a time.
  let last: Promise<unknown> = Promise.resolve();
  const session: OperatorSession = {
    query(text, values) {
      const result = last.then(() => client.query(text, values));
      last = result.catch(() => undefined);
      return result;
    },
    config,
    wrapper: createLocalKeyWrapper(config.vaultKeys),
    tenant: (name) => findTenant((text, values) => client.query(text, values), name),
    vkeysFor(origin) {
      const mine = given.filter(({ key }) => key.name === origin).map(({ text }) => text);
      if (given.length > 0) return mine;
      return config.signingKeys.map((key) => verifierKeyOf(parseSigningKey(key), origin));
    },
  };
  try {
    const actor = `operator:${printable(userInfo().username)}`;
    const reason = options.reason?.trim() || `bulkhead ${options.command}`;
    const crossing = await client.query('select bulkhead.begin_crossing($1, $2) as id', [
      actor,
      reason.slice(0, 1000),
    ]);
    const end = (outcome: string) =>
      client.query('select bulkhead.end_crossing($1, $2)', [crossing.rows[0]?.id, outcome]);
    await client.query('begin isolation level repeatable read read only');
    let result: T;
    try {
      result = await work(session);
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      await end('failed').catch(() => undefined);
      throw error;
    }
    await client.query('commit');
    await end('completed');
    return result;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const originFor = (config: AuditConfig, tenant: string, of: string): string =>
  originOf(config.origin, { tenant, class: of });

function readVkey(text: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch {
    throw kernelError('kernel.usage', {
      message: '--vkey: a verifier key is name+hex+base64, as `bulkhead audit export` prints it.',
    });
  }
}

/** What may stand in an actor's id. */
const printable = (name: string): string =>
  name.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 200) || 'unknown';
