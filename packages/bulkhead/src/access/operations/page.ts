/** Pages of a list: a bounded number of items and where to go on, which only the list itself understands. */
import { z } from 'zod';
import { kernelError } from '../../kernel/error-codes.ts';

const PAGE_MAX = 200;

export const pageInput = {
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50).describe('At most 200.'),
  after: z.string().max(2_000).optional().describe('`next` of the page before.'),
};

export const pageOf = <S extends z.ZodType>(item: S) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What stood in the last item of the page before: as many texts as the list is ordered by.
 *
 * @param of `id` where the last of them is one, and a cursor of another list would be none
 */
export function readCursor(
  after: string | undefined,
  parts: number,
  of: 'id' | 'text' = 'text',
): (string | null)[] {
  if (after === undefined) return Array.from({ length: parts }, () => null);
  try {
    const read = cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
    if (read.length === parts && (of === 'text' || ID.test(read.at(-1) ?? ''))) return read;
  } catch {
    // Told below, like a cursor of another list.
  }
  throw kernelError('kernel.input_invalid', {
    message: 'after: give `next` of the page before, as it is, or leave it out for the first page.',
  });
}

const cursorSchema = z.array(
  z
    .string()
    .max(400)
    .refine((text) => !text.includes('\0')),
);

/** The database gave one item more than asked for if there is another page. */
export function toPage<T>(rows: unknown, limit: number, order: (item: T) => string[]) {
  // The function of the database gives a list; the operation's output schema looks into it.
  const all = rows as T[];
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const more = all.length > limit && last !== undefined;
  return {
    items,
    next: more ? Buffer.from(JSON.stringify(order(last))).toString('base64url') : null,
  };
}
