/**
 * CSV (RFC 4180) for people with spreadsheets.
 *
 * Promises: every cell is quoted; no cell is a formula. What a spreadsheet would take for one begins with an
 * apostrophe here, and control characters are shown as their pictures (a line's end inside a cell would split
 * the event for `grep` and for naive readers), so a cell may differ from the event: programs take NDJSON.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent } from '../event.ts';
import { closedFields, type EventFormat, pictured, typedId } from './event-format.ts';

const COLUMNS: readonly (readonly [string, (event: AuditEvent) => string | number | undefined])[] =
  [
    ['id', (event) => event.id],
    ['time', (event) => event.time],
    ['recorded', (event) => event.recorded],
    ['tenant', (event) => event.tenant],
    ['class', (event) => event.class],
    ['leaf_index', (event) => event.leafIndex],
    ['source', (event) => event.source],
    ['action', (event) => event.action],
    ['outcome', (event) => event.outcome],
    ['actor_type', (event) => event.actor.type],
    ['actor_id', (event) => event.actor.id],
    ['actor_name', (event) => event.actor.name],
    ['targets', (event) => event.targets.map(typedId).join(' ')],
    ['target_names', (event) => names(event)],
    ['ip', (event) => event.ip],
    ['country', (event) => event.location?.country],
    ['region', (event) => event.location?.region],
    ['city', (event) => event.location?.city],
    ['user_agent', (event) => event.userAgent],
    ['request_id', (event) => event.requestId],
    ['session_id', (event) => event.sessionId],
    ['reason', (event) => event.reason],
    ['metadata', (event) => json(event.metadata)],
    ['before', (event) => json(event.before)],
    ['after', (event) => json(event.after)],
    ['closed', (event) => closedFields(event).join(' ')],
  ];

export const csv: EventFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  head: row(COLUMNS.map(([name]) => name)),
  write: (event) => row(COLUMNS.map(([, read]) => cellText(read(event)))),
};

function row(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/**
 * Excel, LibreOffice and Sheets start a formula at these, some also behind white space, and take the
 * full-width forms of East Asian keyboards for them (OWASP, "CSV Injection").
 */
const FORMULA = /^[\s\p{Cc}]*[=+\-@|%＝＋－＠]|^[\t\r\n]/u;

function cellText(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const line = FORMULA.test(value) ? `'${value}` : value;
  return pictured(line.replaceAll('\r\n', '\n'));
}

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : canonicalJson(value);

function names(event: AuditEvent): string {
  return event.targets.flatMap(({ name }) => (name === undefined ? [] : [name])).join(', ');
}
