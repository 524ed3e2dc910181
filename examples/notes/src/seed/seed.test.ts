import { expect, test } from 'vitest';
import { seedRows } from './rows.ts';
import { ORGANIZATIONS } from './seed.ts';

const DAY = new Date('2026-03-16T09:00:00Z');

test('the same day gives the same rows, ids included', () => {
  for (const organization of ORGANIZATIONS) {
    expect(seedRows(organization, DAY)).toEqual(seedRows(organization, DAY));
  }
});

test('each organization has a few hundred rows, and every invoice the total of its lines', () => {
  for (const organization of ORGANIZATIONS) {
    const rows = seedRows(organization, DAY);
    expect(Object.values(rows).reduce((sum, list) => sum + list.length, 0)).toBeGreaterThan(350);
    for (const invoice of rows.invoice) {
      const total = rows.invoice_line
        .filter((line) => line.invoice_id === invoice.id)
        .reduce((sum, line) => sum + Number(line.quantity) * Number(line.unit_cents), 0);
      expect(total).toBe(invoice.total_cents);
    }
  }
});

test('no id and no longer text of one organization is also another’s, so that a leak shows', () => {
  const seen = new Map<unknown, string>();
  for (const organization of ORGANIZATIONS) {
    for (const list of Object.values(seedRows(organization, DAY))) {
      for (const row of list) {
        for (const [column, value] of Object.entries(row)) {
          if (typeof value !== 'string' || value.length < 8 || /_at$|_on$|^at$|^verb$/.test(column))
            continue;
          expect(seen.get(value) ?? organization.slug, `${column}: ${value}`).toBe(
            organization.slug,
          );
          seen.set(value, organization.slug);
        }
      }
    }
  }
});
