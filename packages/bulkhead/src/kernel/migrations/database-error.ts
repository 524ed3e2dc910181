/** Reads what PostgreSQL or the network said, and says it in Bulkhead's codes. */
import { DatabaseError, escapeIdentifier } from 'pg';
import { kernelError } from '../error-codes.ts';
import { type BulkheadError, isBulkheadError } from '../errors.ts';

export const sqlState = {
  duplicateObject: '42710',
  uniqueViolation: '23505',
  insufficientPrivilege: '42501',
  lockNotAvailable: '55P03',
  invalidCatalogName: '3D000',
  duplicateSchema: '42P06',
} as const;

export function hasSqlState(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof DatabaseError && error.code !== undefined && codes.includes(error.code);
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'EAI_AGAIN',
  'ENOENT',
]);

/**
 * An error while connecting. The URL holds a password, so nothing of it but host, port and database is
 * ever repeated.
 */
export function connectionError(error: unknown, connectionString: string): BulkheadError {
  if (isBulkheadError(error)) return error;
  const place = describeUrl(connectionString);
  const state = error instanceof DatabaseError ? error.code : undefined;
  const reason =
    state === sqlState.invalidCatalogName
      ? 'that database does not exist'
      : state?.startsWith('28')
        ? 'the server refused this user or password'
        : state?.startsWith('53')
          ? 'the server has no connection left'
          : state?.startsWith('57')
            ? 'the server is starting up or shutting down'
            : networkReason(error);
  return kernelError('kernel.database_unavailable', {
    message: `The database ${place} cannot be used: ${reason}.`,
    detail: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}

function networkReason(error: unknown): string {
  const code =
    error instanceof AggregateError
      ? (error.errors[0] as { code?: string } | undefined)?.code
      : (error as { code?: string } | null)?.code;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known';
  return code !== undefined && UNREACHABLE.has(code)
    ? `the network said ${code}`
    : 'the connection failed';
}

/** `host:port/database` of a URL, or a blank word where it cannot be read. Never user or password. */
export function describeUrl(connectionString: string): string {
  try {
    const url = new URL(connectionString);
    const host = url.searchParams.get('host') ?? (url.hostname || 'localhost');
    return `${host}:${url.port || '5432'}${url.pathname === '/' ? '' : url.pathname}`;
  } catch {
    return '(unreadable URL)';
  }
}

/** True when the server ended the session or the network did; nothing more can be asked of this client. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    return (
      error.code !== undefined && (error.code.startsWith('57P') || error.code.startsWith('08'))
    );
  }
  const code = (error as { code?: string } | null)?.code;
  return (
    (code !== undefined && UNREACHABLE.has(code)) ||
    (error instanceof Error && /Connection terminated|not queryable/.test(error.message))
  );
}

export { escapeIdentifier };
