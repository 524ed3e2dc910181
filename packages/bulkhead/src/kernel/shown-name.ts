/**
 * A name that people are shown: of a tenant, a person, a role, a group, a key.
 *
 * Promises: it is one line, of whole characters, that reads in the order in which it is written: no control, no half
 * of a surrogate pair, and none of the marks that turn around what stands after them, by which one name is made to
 * look like another. Marks of direction that turn nothing around (U+200E, U+200F) belong to Arabic and Hebrew names.
 * Does not promise that two names look different.
 */
import { z } from 'zod';

const MISLEADING = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const isShowable = (text: string): boolean => !MISLEADING.test(text);
const SAYS = 'must be one line, without controls and marks that turn text around';

/** As it is written: nothing is trimmed, and it may be empty. */
export const shownText = z.string().max(200).refine(isShowable, SAYS);

export const shownName = z.string().trim().min(1).max(200).refine(isShowable, SAYS);
