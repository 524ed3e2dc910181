/**
 * The http section of the configuration. It is optional as a whole; within it the public address has no
 * default, because the hosts that are answered for and the links that are given out follow from it.
 */
import { z } from 'zod';
import { databaseUrlSchema } from '../kernel/config/index.ts';

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

const publicUrl = z
  .url()
  .refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || (protocol === 'http:' && isLocal(hostname));
  }, 'must be https (plain http only on this machine)')
  .refine((text) => {
    const { search, hash, username, pathname } = new URL(text);
    return search === '' && hash === '' && username === '' && /^\/[\w/.-]*$/.test(pathname);
  }, 'must be an address without query, fragment or credentials')
  .transform((text) => text.replace(/\/+$/, ''));

const host = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9.-]{1,253}(?::\d{1,5})?$/, 'must be a host name, perhaps with a port');

const minutes = (summary: string, of: number) =>
  z.int().min(0).max(10_080).default(of).describe(summary);

export const httpSection = z.strictObject({
  publicUrl: publicUrl.describe(
    'Where people reach the control plane, such as `https://console.notes.example`; its path is where an app mounts it.',
  ),
  hosts: z
    .array(host)
    .max(50)
    .default([])
    .describe('Further hosts to answer for; requests for any other are refused.'),
  databaseUrl: databaseUrlSchema
    .optional()
    .describe(
      'Where `bulkhead serve` connects as the app’s role; an app that mounts the control plane has a pool already.',
    ),
  proverUrl: databaseUrlSchema
    .optional()
    .describe(
      'Where proofs are made; the operators’ role unless given. As a role that may read every catalog and row, leaks are confirmed as well.',
    ),
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .describe(
      'How many requests one actor may send in a minute, to all processes together; within a second each process grants what it believes is left, and what was too much is owed.',
    ),
  streamsPerActor: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('How many live streams one actor may have open at once in one process.'),
  anonymousRequestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(120)
    .describe(
      'The same for an address that sends no valid credentials: so many for what needs none, such as signing in, and so many again that are refused. Valid credentials are admitted however much else came from their address.',
    ),
  bodyBytesMax: z
    .int()
    .min(1_024)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('How large the body of a request may be.'),
  drainSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(20)
    .describe(
      'How long `bulkhead serve` goes on answering what is under way once it is told to stop; what has no answer then is cut off. Whoever stops processes grants ten seconds more.',
    ),
  metricsToken: z
    .string()
    .min(32, 'must have at least 32 characters')
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional()
    .describe(
      'What a scraper sends as `Authorization: Bearer …` to /metrics; without it there is no such address.',
    ),
  proveEveryMinutes: minutes('How often isolation is proven again by itself; 0 for never.', 15),
  verifyEveryMinutes: minutes('How often the audit log is verified by itself; 0 for never.', 60),
});

export type HttpConfig = z.output<typeof httpSection>;

function isLocal(hostname: string): boolean {
  return LOCAL.includes(hostname) || hostname.endsWith('.localhost');
}
