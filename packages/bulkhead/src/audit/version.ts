import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Of this package, as exports tell it to SIEMs. */
export const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));
