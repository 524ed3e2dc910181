/** The fields that operations of this room share. Times are RFC 3339 text, in UTC. */
import { z } from 'zod';

export const idField = z.uuid();
/** Controls, and marks that turn text around, have no place in a name that others are shown. */
export const nameField = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*\S[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u);
export const timeField = z.string();
export const afterField = z.uuid().optional().describe('The `next` of the page before.');
export const limitField = z.int().min(1).max(200).default(50);
export const namedField = z.object({
  type: z.string(),
  id: z.string(),
  name: z.string().nullish(),
});
