/** The fields that operations of this room share. Times are RFC 3339 text, in UTC. */
import { z } from 'zod';
import { shownName } from '../../kernel/shown-name.ts';

export const idField = z.uuid();
export const nameField = shownName;
export const timeField = z.string();
export const afterField = z.uuid().optional().describe('The `next` of the page before.');
export const limitField = z.int().min(1).max(200).default(50);
export const namedField = z.object({
  type: z.string(),
  id: z.string(),
  name: z.string().nullish(),
});
