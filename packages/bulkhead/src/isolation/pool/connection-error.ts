import { isBulkheadError } from '../../kernel/errors.ts';
import { isolationError } from '../errors.ts';

/** Class 57P: the server is shutting down or starting; class 08: the connection itself; 53300: no slot. */
const UNAVAILABLE = /^(57P0[1-5]|08...|53300|E[A-Z]+)$/;
/** A pooler ends the connection with it (FATAL); the server answers it to a wrong number of parameters. */
const PROTOCOL_VIOLATION = '08P01';
const POOL_EXHAUSTED = 'timeout exceeded when trying to connect';
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
  if (error.message.includes('unsupported startup parameter')) {
    return isolationError('isolation.pooler_unannounced', { cause: error });
  }
  const isAnswer = error.code === PROTOCOL_VIOLATION && error.severity === 'ERROR';
  const isUnavailable = !isAnswer && error.code !== undefined && UNAVAILABLE.test(error.code);
  if (isUnavailable || LOST.test(error.message)) {
    return isolationError('isolation.database_unavailable', { cause: error });
  }
  // CONTEXT lines can quote parameters, the signed context among them.
  delete error.where;
  return error;
}
