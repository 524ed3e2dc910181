import { readFileSync } from 'node:fs';

const file = new URL('../../package.json', import.meta.url);

/** Of this package, as it is told to whoever reads its exports and attestations. */
export const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
