/**
 * Decides what an answer gave away.
 *
 * Promises: any text of another organization, of eight characters or more and not its own as well, found
 * anywhere in the answer is counted as foreign. It knows all rows of all tenants: it asks as administrator.
 */
import type pg from 'pg';
import { escapeHtml } from '../html.ts';
import type { Attempt } from './attempt.ts';

const TEXT_CHARACTERS_MIN = 8;
/** The blind attacks sleep 400 ms and more when they see what they must not. */
const TELLING_DELAY_MS = 350;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

export type Verdict = 'refused by the guard' | 'own rows only' | 'empty or denied' | 'foreign';

export interface Judgement {
  readonly verdict: Verdict;
  readonly foreignBytes: number;
  /** What was found, for the report of a leak. */
  readonly evidence?: string;
}

/** Every text in every row of the tenants other than `tenantId`, without those it has itself. */
export async function foreignTexts(admin: pg.Client, tenantId: string): Promise<readonly string[]> {
  const tables = ['person', 'project', 'note', 'comment', 'invoice', 'invoice_line', 'activity'];
  const rows = tables.map(
    (table) =>
      `select r.tenant_id, e.value from ${table} r, jsonb_each_text(to_jsonb(r) - 'search' - 'created_at' - 'updated_at' - 'at' - 'issued_on' - 'due_on') e`,
  );
  const found = await admin.query<{ value: string }>(
    `with texts as (${rows.join(' union all ')})
     select distinct value from texts where tenant_id <> $1 and length(value) >= ${TEXT_CHARACTERS_MIN}
     except select value from texts where tenant_id = $1`,
    [tenantId],
  );
  return found.rows.map((row) => row.value);
}

/** Texts with line breaks or quotes look different inside JSON and HTML; all three spellings count. */
function spellings(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [...new Set([text, json, escapeHtml(text)])];
}

function rowsIn(body: string): number {
  try {
    const parsed: unknown = JSON.parse(body);
    const rows = (parsed as { rows?: unknown }).rows;
    return Array.isArray(rows) ? rows.length : 1;
  } catch {
    return body.length > 0 ? 1 : 0;
  }
}

export function judge(attempt: Attempt, answer: Answer, foreign: readonly string[]): Judgement {
  // What the attacker sent may be echoed; it gives nothing away that was not in their hands.
  const sent = `${decodeURIComponent(attempt.path)} ${JSON.stringify(attempt.json ?? '')} ${JSON.stringify(attempt.headers ?? '')}`;
  const leaked = foreign.filter(
    (text) => !sent.includes(text) && spellings(text).some((one) => answer.body.includes(one)),
  );
  if (leaked.length > 0) {
    return {
      verdict: 'foreign',
      foreignBytes: leaked.reduce((sum, text) => sum + text.length, 0),
      evidence: leaked[0] ?? '',
    };
  }
  const succeeded = answer.status >= 200 && answer.status < 300;
  if (attempt.tell === 'rows' && succeeded && rowsIn(answer.body) > 0) {
    return {
      verdict: 'foreign',
      foreignBytes: 1,
      evidence: 'rows came back for a condition that only another tenant’s rows meet',
    };
  }
  if (attempt.tell === 'delay' && answer.durationMs > TELLING_DELAY_MS) {
    return {
      verdict: 'foreign',
      foreignBytes: 1,
      evidence: `the answer took ${Math.round(answer.durationMs)} ms`,
    };
  }
  if (attempt.family === 'writes across the wall' && succeeded) {
    return {
      verdict: 'foreign',
      foreignBytes: 1,
      evidence: `the write was answered with ${answer.status}`,
    };
  }
  if (answer.body.includes('"isolation.statement_'))
    return { verdict: 'refused by the guard', foreignBytes: 0 };
  if (succeeded && rowsIn(answer.body) > 0) return { verdict: 'own rows only', foreignBytes: 0 };
  return { verdict: 'empty or denied', foreignBytes: 0 };
}
