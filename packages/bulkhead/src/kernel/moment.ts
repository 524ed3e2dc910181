/** A moment that somebody gives. */
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
