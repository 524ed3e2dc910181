/**
 * `--migrations`: proves what a project's migrations make.
 *
 * Promises: what could not be run is said, as something unknown, and never passes for proven.
 */
import { createHash } from 'node:crypto';
import { relative, resolve, sep } from 'node:path';
import type { CommandIo } from '../../../kernel/command.ts';
import type { ProvedDatabase } from '../documents.ts';
import type { Proof, ProvedObject } from '../model.ts';
import { type ProveOptions, prove } from '../prove.ts';
import { orderProof } from '../report/order.ts';
import { type FailedStatement, placeKey } from './apply-migrations.ts';
import { findMigrations } from './find-migrations.ts';
import { type ThrowAwayDatabase, withThrowAwayDatabase } from './throw-away-database.ts';

/** @throws `isolation.prove_migrations_missing`, and those of the embedded server */
export async function provedFromMigrations(
  io: CommandIo,
  named: string,
  options: ProveOptions,
): Promise<ProvedDatabase> {
  const migrations = await findMigrations(resolve(io.cwd, named));
  const pathOf = (path: string) =>
    relative(io.cwd, resolve(migrations.folder, path)).split(sep).join('/');
  io.note(
    `Running ${migrations.files.length} migrations (${migrations.layout}) from ${relative(io.cwd, migrations.folder) || '.'}.`,
  );
  return withThrowAwayDatabase(
    migrations,
    { role: options.role, ...(options.signal === undefined ? {} : { signal: options.signal }) },
    async (database) => {
      const role = options.role ?? database.owningRole;
      const proof = await prove(database.client, { ...options, role, isCopy: true });
      const { rows } = await database.client.query<{ server_version: string }>(
        'show server_version',
      );
      return {
        proof: withWhatDidNotRun(proof, database, pathOf),
        serverVersion: rows[0]?.server_version ?? '',
        subjects: migrations.files.map(({ path, bytes }) => ({
          name: pathOf(path),
          sha256: createHash('sha256').update(bytes).digest('hex'),
        })),
        locate: (object) => {
          const place = database.applied.places.get(placeKey(object));
          return place === undefined ? undefined : { path: pathOf(place.path), line: place.line };
        },
      };
    },
  );
}

function withWhatDidNotRun(
  proof: Proof,
  { applied, owningRole }: ThrowAwayDatabase,
  pathOf: (path: string) => string,
): Proof {
  const extensions = applied.failed.filter(isExtension);
  const unknown = applied.failed
    .filter((one) => !isExtension(one))
    .map((one) => notRun(one, pathOf));
  const notSeen = [
    ...proof.notSeen,
    ...(owningRole === undefined
      ? []
      : [
          `The migrations name no role, so ${owningRole} runs them and the app is taken to connect as it, as owner of everything.`,
        ]),
    ...extensions.map(
      ({ statement, reason }) =>
        `This server could not run \`${statement}\`: ${reason}. ${INSTEAD}`,
    ),
  ];
  return orderProof({
    ...proof,
    summary: { ...proof.summary, unknown: proof.summary.unknown + unknown.length },
    objects: [...proof.objects, ...unknown],
    notSeen,
  });
}

/** No stand-in for the extension: its types and operators decide, and made-up ones would decide otherwise. */
const INSTEAD =
  'What needs it was not made and is told as unknown; to have it judged, run the migrations on a server that has the extension and prove that by its URL.';

function isExtension({ statement }: FailedStatement): boolean {
  return /^(create|comment on|alter) extension\b/i.test(statement);
}

function notRun(
  { path, line, statement, reason }: FailedStatement,
  pathOf: (path: string) => string,
): ProvedObject {
  return {
    object: `migration:${pathOf(path)}:${line}`,
    type: 'database',
    verdict: 'unknown',
    because: null,
    findings: [
      {
        kind: 'statement-not-run',
        why: `${statement} … could not be run here: ${reason}`,
        exploit: null,
        confirmed: false,
        fix: null,
        severity: 'low',
      },
    ],
  };
}
