/**
 * The plan as a file that a person reviews and `psql -f` runs.
 *
 * Promises: every step asks first whether it is done, so the file can be run again after any interruption;
 * nothing of a name can leave its quotes or its comment.
 */
import type { Backfill, Plan, Stage, Step } from './plan.ts';
import { displayName, dollarQuote, quoteIdent } from './quote.ts';

const STAGE_TEXT: Readonly<Record<Stage, string>> = {
  prepare:
    'STAGE 1, PREPARE. Nothing that the running app notices. Stop after it with: psql -v prepare=1 -f <file>',
  enforce:
    'STAGE 2, ENFORCE. From here on an app that does not use the protected pool sees no rows and cannot write. ' +
    'Deploy the app with bulkhead.protect(pool) before it. Enforced last of what the app needs to be ready for.',
  contract:
    'STAGE 3, CONTRACT. The old keys and indexes go. They stayed until here because statements from before ' +
    'stage 2 carry no tenant and only they served them.',
};

export interface RenderOptions {
  /** The command that wrote the file, for its header. */
  readonly command?: string;
  readonly batchRows?: number;
}

export function renderMigration(plan: Plan, options: RenderOptions = {}): string {
  const out: string[] = [];
  const say = (text = '') => out.push(...comment(text));
  say(`Brings into isolation: ${plan.tables.join(', ')}`);
  if (options.command) say(`Written by: ${displayName(options.command)}`);
  say();
  say('Run it with psql, as the owner of the tables or as a superuser:');
  say('    psql -X -v ON_ERROR_STOP=1 -f <this file> <database>');
  say(
    'Do not wrap it in a transaction (no -1): indexes are built concurrently and the backfill commits batch by ' +
      'batch. Each step asks first whether it is done, so after an error, a lock time-out or a kill run the same ' +
      'file again. `bulkhead protect ... --apply` takes the same steps with shorter lock time-outs and retries.',
  );
  for (const { level, table, message } of plan.notes) {
    say();
    say(`${level.toUpperCase()} ${table}: ${message}`);
  }
  out.push(
    '',
    '\\set ON_ERROR_STOP on',
    '\\set QUIET on',
    "set client_encoding = 'UTF8';",
    'set standard_conforming_strings = on;',
    'set row_security = off;',
    'set statement_timeout = 0;',
    'set idle_in_transaction_session_timeout = 0;',
  );
  let stage: Stage | undefined;
  plan.steps.forEach((step, at) => {
    if (step.stage !== stage) {
      if (stage === 'prepare')
        out.push(
          '',
          '\\if :{?prepare}',
          '\\echo prepared; run again without prepare=1 to enforce',
          '\\quit',
          '\\endif',
        );
      stage = step.stage;
      out.push('', `-- ${'='.repeat(100)}`);
      say(STAGE_TEXT[stage]);
    }
    out.push('', ...renderStep(step, `${at + 1}/${plan.steps.length}`, options.batchRows ?? 5_000));
  });
  return `${out.join('\n')}\n`;
}

function renderStep(step: Step, number: string, batchRows: number): string[] {
  const head = comment(`${number} ${step.table}: ${step.title}`);
  const out = [
    ...head,
    ...comment(step.why),
    ...comment(`Lock: ${step.lock}, for ${step.lockedFor}.${step.online ? '' : ' NOT ONLINE.'}`),
    `select not (${step.done}) as todo \\gset`,
    '\\if :todo',
  ];
  const statements = step.statements.map((statement) => `${statement};`);
  if (step.kind === 'transaction') {
    out.push('begin;', "set local lock_timeout = '1500ms';", ...statements, 'commit;');
  } else if (step.kind === 'index' && step.index !== undefined) {
    out.push(
      `drop index concurrently if exists ${quoteIdent(step.index.schema)}.${quoteIdent(step.index.name)};`,
      ...statements,
    );
  } else if (step.backfill !== undefined) {
    out.push(renderBackfill(step.backfill, batchRows));
  } else {
    out.push(...statements);
  }
  out.push('\\endif');
  return out;
}

function renderBackfill(backfill: Backfill, batchRows: number): string {
  const keys = Array.from({ length: backfill.keyCount }, (_, at) => at + 1);
  const using = [...keys.map((key) => `last_${key}`), String(batchRows)].join(', ');
  const into = ['filled', 'seen', ...keys.map((key) => `next_${key}`)].join(', ');
  return `do ${dollarQuote(`
declare
  filled int; seen int; passed bigint; remaining boolean; idle int := 0;
  ${keys.map((key) => `last_${key} text; next_${key} text;`).join(' ')}
begin
  loop
    passed := 0;${keys.map((key) => ` last_${key} := null;`).join('')}
    loop
${backfill.silent ? '      set local session_replication_role = replica;\n' : ''}      execute ${dollarQuote(backfill.batchSql)} into ${into} using ${using};
      commit;
      exit when seen = 0;
      passed := passed + filled;
      ${keys.map((key) => `last_${key} := next_${key};`).join(' ')}
      perform pg_sleep(0.02);
    end loop;
    execute ${dollarQuote(backfill.remainingSql)} into remaining;
    commit;
    exit when not remaining;
    -- What is left was locked by the app, or has no tenant to take.
    idle := case when passed = 0 then idle + 1 else 0 end;
    if idle >= 600 then
      raise exception 'rows without a tenant remain: their parent is missing, or the app holds them';
    end if;
    perform pg_sleep(0.1);
  end loop;
end
`)};`;
}

/** Wrapped lines of `-- …`; control characters never reach here unreplaced. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(/[\r\n]+/g, ' ').split(/(?<=\s)(?=\S)/)) {
    if (line.length + word.length > 104 && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  lines.push(line.trimEnd());
  return lines.map((each) => (each === '' ? '--' : `-- ${each}`));
}
