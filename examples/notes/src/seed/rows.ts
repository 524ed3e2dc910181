/**
 * Turns an organization into rows.
 *
 * Promises: the same organization and day give the same rows, ids included; nothing here is random. Dates
 * hang on the day of seeding, so that a fresh demo always has invoices that are due and some that are late.
 */
import { createHash } from 'node:crypto';
import type { SeedOrganization } from './organization.ts';

export type Row = Readonly<Record<string, unknown>>;
export type SeedRows = Readonly<
  Record<
    'person' | 'project' | 'note' | 'comment' | 'invoice' | 'invoice_line' | 'activity',
    readonly Row[]
  >
>;

const NOTES_PER_ORGANIZATION = 72;
const INVOICES_PER_ORGANIZATION = 36;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every id of an organization starts with its own eight digits, so a leaked id names where it came from. */
export function seedId(organization: SeedOrganization, kind: string, index: number): string {
  const hex = createHash('sha256').update(`${organization.slug}/${kind}/${index}`).digest('hex');
  return `${organization.idPrefix}-${hex.slice(0, 4)}-8${hex.slice(5, 8)}-a${hex.slice(9, 12)}-${hex.slice(12, 24)}`;
}

export function tenantIdOf(organization: SeedOrganization): string {
  return seedId(organization, 'tenant', 0);
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError('an empty list of seed words');
  return item;
}

/** A number that looks arbitrary and never changes: even spacing would show in every total. */
function scatter(organization: SeedOrganization, kind: string, index: number): number {
  const digest = createHash('sha256').update(`${organization.slug}/${kind}/${index}`).digest();
  return digest.readUInt32BE(0);
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

export function seedRows(org: SeedOrganization, today: Date): SeedRows {
  const tenant_id = tenantIdOf(org);
  const nowMs = today.getTime();
  const ago = (days: number, hours = 0) =>
    new Date(nowMs - days * DAY_MS - hours * HOUR_MS).toISOString();
  const personId = (index: number) => seedId(org, 'person', index % org.people.length);
  const projectId = (index: number) => seedId(org, 'project', index % org.projects.length);

  const person = org.people.map((one, index) => ({
    tenant_id,
    id: personId(index),
    email: `${one.login}@${org.domain}`,
    name: one.name,
    title: one.title,
    created_at: ago(300 - index),
  }));
  const project = org.projects.map((one, index) => ({
    tenant_id,
    id: projectId(index),
    code: one.code,
    name: one.name,
    summary: one.summary,
    status: one.status,
    lead_id: personId(index),
    created_at: ago(280 - index * 30),
  }));

  const note: Row[] = [];
  const comment: Row[] = [];
  const activity: Row[] = [];
  const act = (days: number, who: number, verb: string, object: string) =>
    activity.push({
      tenant_id,
      id: seedId(org, 'activity', activity.length),
      at: ago(days, who),
      person_id: personId(who),
      verb,
      object,
    });

  for (let index = 0; index < NOTES_PER_ORGANIZATION; index += 1) {
    const subject = pick(org.notes, index);
    const place = pick(org.places, index * 5 + Math.floor(index / 8));
    const author = scatter(org, 'author', index) % org.people.length;
    const days = Math.floor((index * 170) / NOTES_PER_ORGANIZATION);
    const title = `${subject.title} · ${place}`;
    const reference = `${org.mark}-N-${String(NOTES_PER_ORGANIZATION - index).padStart(3, '0')}`;
    note.push({
      tenant_id,
      id: seedId(org, 'note', index),
      project_id: projectId(Math.min(scatter(org, 'of', index) % 8, scatter(org, 'or', index) % 6)),
      author_id: personId(author),
      title,
      body: `${subject.body.replaceAll('{place}', place)}\n\nFiled as ${reference}.`,
      pinned: index % 23 === 4,
      created_at: ago(days + 2, index % 9),
      updated_at: ago(days, index % 9),
    });
    act(days, author, 'wrote', title);
    for (let nth = 0; nth < scatter(org, 'comments', index) % 4; nth += 1) {
      const who = author + nth + 1;
      comment.push({
        tenant_id,
        id: seedId(org, 'comment', comment.length),
        note_id: seedId(org, 'note', index),
        author_id: personId(who),
        body: pick(org.comments, scatter(org, 'words', index) + nth),
        created_at: ago(Math.max(days - nth, 0), (index + nth) % 8),
      });
      act(Math.max(days - nth, 0), who, 'commented on', title);
    }
  }

  const invoice: Row[] = [];
  const invoice_line: Row[] = [];
  for (let index = 0; index < INVOICES_PER_ORGANIZATION; index += 1) {
    const id = seedId(org, 'invoice', index);
    const number = `${org.mark}-${String(INVOICES_PER_ORGANIZATION - index).padStart(4, '0')}`;
    const issuedMs = nowMs - (index * 6 + 1) * DAY_MS;
    let total_cents = 0;
    for (let position = 1; position <= 1 + (scatter(org, 'lines', index) % 4); position += 1) {
      const item = pick(org.items, scatter(org, 'item', index) + position);
      const quantity = 1 + (scatter(org, 'quantity', index * 10 + position) % 5);
      total_cents += quantity * item.unitCents;
      invoice_line.push({
        tenant_id,
        id: seedId(org, 'line', invoice_line.length),
        invoice_id: id,
        position,
        quantity,
        description: item.description,
        unit_cents: item.unitCents,
      });
    }
    // The newest is a draft, the next months' open, old ones paid but for the occasional late payer.
    const status = index === 0 ? 'draft' : index < 7 || index % 11 === 0 ? 'open' : 'paid';
    const customer = pick(org.customers, scatter(org, 'customer', index));
    invoice.push({
      tenant_id,
      id,
      project_id: projectId(scatter(org, 'for', index)),
      number,
      customer,
      status,
      issued_on: dayOf(issuedMs),
      due_on: dayOf(issuedMs + 21 * DAY_MS),
      total_cents,
      created_at: new Date(issuedMs).toISOString(),
    });
    act(index * 6 + 1, 4, 'issued', `${number} to ${customer}`);
  }
  return { person, project, note, comment, invoice, invoice_line, activity };
}
