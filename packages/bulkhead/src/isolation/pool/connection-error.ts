import { isBulkheadError } from '../../kernel/errors.ts';
import { isolationError } from '../errors.ts';

/** Class 57P: the server is shutting down or starting; class 08: the connection itself; 53300: no slot. */
const UNAVAILABLE = /^(57P0[1-5]|08...|53300|E[A-Z]+)$/;
/** A pooler ends the connection with it (FATAL); the server answers it to a wrong number of parameters. */
const PROTOCOL_VIOLATION = '08P01';
const POOL_EXHAUSTED = 'timeout exceeded when trying to connect';
/** PgBouncer's words. The pool's own pins travel in `options`; any other parameter is the app's. */
const UNSUPPORTED_PARAMETER = /unsupported startup parameter(?:: (?!options\b)(\w+))?/;
const LOST = /^(Connection terminated|Client has encountered a connection error|timeout expired)/;

/**
 * Names what went wrong between us and the server; an answer of the server to a statement passes as it is.
 * What the server says about a refused context is replaced, so that no token text travels on.
 */
export function connectionError(
  error: Error & { code?: string; severity?: string; where?: string },
): Error {
  if (isBulkheadError(error)) return error;
  if (error.message === POOL_EXHAUSTED) {
    return isolationError('isolation.pool_exhausted', { cause: error });
  }
  if (error.code === '28000' && error.message.startsWith('bulkhead:')) {
    return isolationError('isolation.context_refused');
  }
  const refused = UNSUPPORTED_PARAMETER.exec(error.message);
  if (refused !== null) {
    return isolationError('isolation.pooler_unannounced', {
      ...(refused[1] !== undefined && { message: refusedParameter(refused[1]) }),
      cause: error,
    });
  }
  const isAnswer = error.code === PROTOCOL_VIOLATION && error.severity !== 'FATAL';
  const isUnavailable = !isAnswer && error.code !== undefined && UNAVAILABLE.test(error.code);
  if (isUnavailable || LOST.test(error.message)) {
    return isolationError('isolation.database_unavailable', { cause: error });
  }
  // CONTEXT lines can quote parameters, the signed context among them.
  delete error.where;
  return error;
}

function refusedParameter(name: string): string {
  return `The connection pooler refused the start-up option ${JSON.stringify(name)}: leave it out of the pool's options and set it on the role (ALTER ROLE … SET), or list it in the pooler's ignore_startup_parameters.`;
}
