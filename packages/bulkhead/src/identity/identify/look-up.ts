/** A look-up of a credential, and what its failure is to the client. */
import { isBulkheadError } from '../../kernel/errors.ts';
import { identityError } from '../errors.ts';

/** @throws `identity.credentials_unavailable`; a fault of the set-up as it is. */
export async function lookUp<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (isBulkheadError(cause) && cause.status === 500) throw cause;
    throw identityError('identity.credentials_unavailable', { cause });
  }
}
