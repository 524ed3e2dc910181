/** Moments: as somebody gives one, and as the database tells one. */
import { z } from 'zod';

/** PostgreSQL knows no year 0. */
const EARLIEST_MS = Date.parse('0001-01-02T00:00:00Z');

/**
 * RFC 3339, or a `Date`; comes out in UTC: PostgreSQL refuses offsets beyond 16 hours, which RFC 3339 allows.
 */
export const momentSchema = z
  .union([z.iso.datetime({ offset: true }), z.date()])
  .transform((given) => new Date(given))
  .refine((date) => date.getTime() >= EARLIEST_MS, 'must be a moment since the year 1')
  .transform((date) => date.toISOString())
  .describe('RFC 3339, such as 2027-01-31T12:00:00Z.');

/** SQL for a timestamptz as in leaves: RFC 3339 in UTC with milliseconds, which compares as text. */
export const moment = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
