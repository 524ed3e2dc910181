/**
 * Functions that reach over tenants because that is what they are for, read by people once and known by
 * their text ever since.
 *
 * Promises: only the very body that was read is excused; with another byte in it, or another way to run, the
 * function is judged like any other.
 */
import { createHash } from 'node:crypto';
import type { Routine } from './catalog/model.ts';

interface Meant {
  readonly sourceSha256: string;
  readonly because: string;
}

const MEANT: ReadonlyMap<string, Meant> = new Map([
  [
    'bulkhead.find_tenant(text,text)',
    {
      sourceSha256: 'fa4c6f0320b055d5bb1b393f8b5da3f9619f66e1272608cc646b564f8728d41d',
      because:
        'It names one tenant to whoever already has its id, slug or domain, which must be known before there is a context; it lists none.',
    },
  ],
  [
    'bulkhead.access_process_epochs(uuid[])',
    {
      sourceSha256: 'c5199ce883779e822d54b7faf552074d801e83b912c7183836b11dfe653bf1f7',
      because:
        'It tells how often who may do what has changed in tenants whose ids the asker already has; it lists none.',
    },
  ],
  [
    'bulkhead.audit_submit(text[],integer[],uuid[],text[],text[])',
    {
      sourceSha256: 'c0869869a1c5e0e0373e1c7d4e137e20c247e18b958dc63f77b3f5aee1573562',
      because:
        'It writes events of several tenants, each only under a context that is verified as any other; whoever cannot sign has none but their own. It gives nothing back.',
    },
  ],
]);

/** Why the function may do what it does, or null. */
export function meantBecause(routine: Routine): string | null {
  const meant = MEANT.get(routine.signature);
  if (meant === undefined || routine.config.get('search_path') !== 'pg_catalog, pg_temp')
    return null;
  const sha256 = createHash('sha256').update(routine.source).digest('hex');
  return sha256 === meant.sourceSha256 ? meant.because : null;
}
