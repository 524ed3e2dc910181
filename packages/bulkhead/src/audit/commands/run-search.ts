/** What `bulkhead audit search` does: shows a page, or streams all that was found. */
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { version } from '../../kernel/version.ts';
import { auditError } from '../errors.ts';
import type { AuditEvent } from '../event.ts';
import { eventFormat, type FormatName, typedId } from '../formats/index.ts';
import { createEventOpener } from '../open/event-opener.ts';
import { readSizes } from '../search/candidates.ts';
import { cursorKeyFrom } from '../search/cursor.ts';
import { readFilter, type SearchFilter } from '../search/filter.ts';
import { findEvents } from '../search/find-events.ts';
import { searchEvents } from '../search/search-events.ts';
import { filterOf } from './filter-options.ts';
import { asOperator, type OperatorSession } from './operator-session.ts';
import type { SearchInput } from './search.ts';

export function runSearch(io: CommandIo, input: SearchInput): Promise<ExitCode> {
  // Before anything is read, and so before a crossing is on record.
  readFilter(filterOf(input));
  return asOperator(io, { command: 'audit search', reason: input.reason }, async (session) => {
    const tenant = await session.tenant(input.tenant);
    const filter = filterOf(input);
    if (input.format !== undefined) {
      await stream(io, session, tenant, filter, input.format, input.out);
      return exitCodes.done;
    }
    const page = await searchEvents(
      {
        query: session.query,
        opener: createEventOpener(session.wrapper),
        tenant,
        cursorKey: cursorKeyFrom(session.config.vaultKeys),
      },
      { ...filter, limit: input.limit, cursor: input.cursor },
    );
    show(io, page.events, page.next);
    io.result(page);
    return exitCodes.done;
  });
}

function show(io: CommandIo, events: readonly AuditEvent[], next: string | null): void {
  if (events.length === 0) io.line('No event matches.');
  else {
    io.table(
      ['time', 'actor', 'action', 'targets', 'outcome', 'id'],
      events.map((event) => [
        event.time.replace('T', ' ').slice(0, 19),
        event.actor.name ?? shownId(event, '/actor/id', typedId(event.actor)),
        event.action,
        event.targets
          .map((target, n) => target.name ?? shownId(event, `/targets/${n}/id`, typedId(target)))
          .join(' '),
        event.outcome,
        event.id,
      ]),
      { whole: ['time', 'action', 'id'] },
    );
  }
  if (next !== null) io.line(`There may be more: add --cursor ${next}`);
}

/** A pseudonym says nothing to people: what became of the name does. */
function shownId(event: AuditEvent, path: string, id: string): string {
  const why = event.closed?.[path];
  return why === undefined ? id : `(${why})`;
}

async function stream(
  io: CommandIo,
  { query, wrapper }: OperatorSession,
  tenant: string,
  filter: SearchFilter,
  format: FormatName,
  out: string | undefined,
): Promise<void> {
  const sought = readFilter(filter);
  const sizes = await readSizes(query, tenant, sought.class);
  const leaves = sizes.reduce((sum, { size }) => sum + size, 0);
  const progress = io.progress('Reading', leaves);
  const { head, write, mediaType } = eventFormat(format, { version });
  const sink = out === undefined ? lines(io) : await fileSink(resolve(io.cwd, out));
  let events = 0;
  try {
    await sink.write(head);
    const found = findEvents({
      query,
      opener: createEventOpener(wrapper),
      tenant,
      sought,
      sizes,
      order: 'log',
      onProgress: (read) => progress.advance(read),
    });
    for await (const event of found) {
      if (io.signal.aborted) throw auditError('audit.export_interrupted');
      await sink.write(write(event));
      events += 1;
    }
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  } finally {
    progress.done();
  }
  if (out !== undefined) io.line(`${events} events in ${out}.`);
  io.result({ events, format, mediaType, file: out ?? null });
}

interface Sink {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

function lines(io: CommandIo): Sink {
  return {
    write: async (text) => {
      if (text !== '') io.line(text.replace(/\n$/, ''));
    },
    finish: async () => {},
    abandon: async () => {},
  };
}

const BUFFER_CHARACTERS = 256 * 1024;

/** The file has its name only once everything is in it. */
async function fileSink(path: string): Promise<Sink> {
  const draft = `${path}.partial`;
  const file = await open(draft, 'w');
  let waiting = '';
  const flush = async () => {
    if (waiting !== '') await file.write(waiting);
    waiting = '';
  };
  return {
    async write(text) {
      waiting += text;
      if (waiting.length > BUFFER_CHARACTERS) await flush();
    },
    async finish() {
      await flush();
      await file.sync();
      await file.close();
      await rename(draft, path);
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await rm(draft, { force: true });
    },
  };
}
