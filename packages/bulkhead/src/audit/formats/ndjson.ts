/** One event a line, as canonical JSON (RFC 8785): the whole event, nothing renamed, nothing lost. */
import { canonicalJson } from '../canonical-json.ts';
import type { EventFormat } from './event-format.ts';

export const ndjson: EventFormat = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  write: (event) => `${canonicalJson(event)}\n`,
};
