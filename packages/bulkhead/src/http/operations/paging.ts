/** What lists have in common: `after` and `limit` in, `items` and `next` out. */
import { z } from 'zod';
import { httpError } from '../errors.ts';

export const limitField = (of: number) =>
  z.int().min(1).max(200).default(of).describe('How many at most.');
export const afterField = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .describe('`next` of the page before.');

export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Pass it as `after`; null on the last page.'),
    total: z.int().optional(),
  });

/** A cursor is JSON in base64url: opaque, and checked when it comes back. */
export const writeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** @throws `http.cursor_invalid` */
export function readCursor<S extends z.ZodType>(cursor: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw httpError('http.cursor_invalid', { cause });
  }
}

/** RFC 3339 in UTC. */
export const timeField = z.string().describe('RFC 3339, in UTC.');
