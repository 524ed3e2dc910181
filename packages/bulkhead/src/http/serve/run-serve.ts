/**
 * Serves the control plane until it is told to stop.
 *
 * Promises: on SIGTERM it first says that it is not ready, answers what is under way (for as long as
 * `http.drainSeconds` says), ends the live streams, and then lets go of the database; another process behind the same
 * address takes what comes next.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { databaseUrlSchema } from '../../kernel/config/index.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { httpSection } from '../config.ts';
import { httpError } from '../errors.ts';
import type { ServeInput } from './serve-command.ts';

/** How long whoever distributes requests may take to notice. */
const NOTICE_MS = 500;
/** What was cut off may still wait in the database for a lock; its connection is not waited for. */
const LEAVE_MS = 2_000;
/** For the rest: what is recorded goes out, a batch or a mail under way comes to its end. */
const CLOSE_MS = 9_000;
const SWEEP_MS = 50;
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than that of the usual proxies in front, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 75_000;
const POOL_MAX = 10;

export async function runServe(
  io: CommandIo,
  { port, host, worker }: ServeInput,
): Promise<ExitCode> {
  const section = await io.section('http', httpSection.optional());
  if (section === undefined) throw httpError('http.unconfigured');
  const databaseUrl = databaseUrlSchema.optional().parse(section.databaseUrl);
  if (databaseUrl === undefined) {
    throw kernelError('kernel.setting_missing', {
      message: 'http.databaseUrl is missing: where to connect as the app’s role.',
    });
  }
  const { createBulkhead } = await import('../../create-bulkhead.ts');
  // The file was found valid as a whole by reading the section.
  const bulkhead = createBulkhead((await io.config()) as Parameters<typeof createBulkhead>[0]);
  bulkhead.protect(new pg.Pool({ connectionString: databaseUrl, max: POOL_MAX }));
  const plane = bulkhead.controlPlane();
  const drainMs = section.drainSeconds * 1_000;
  io.allowToEnd(NOTICE_MS + drainMs + CLOSE_MS);
  let isCutOff = false;
  try {
    if (worker) bulkhead.start();
    await plane.start();
    const { getRequestListener } = await import('@hono/node-server');
    // The process is ours alone, and so are its globals: an answer that is a text is then written without a stream.
    const listener = getRequestListener((request, environment) =>
      plane.fetch(request, environment),
    );
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const listening = typeof address === 'object' && address !== null ? address.port : port;
    io.note(`Listening on ${host}:${listening}; people reach it at ${section.publicUrl}/console/.`);
    io.result({ host, port: listening, publicUrl: section.publicUrl });
    if (!io.signal.aborted) {
      await new Promise<void>((resolve) =>
        io.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    }
    await plane.drain();
    await sleep(NOTICE_MS);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A connection becomes idle when its last answer has gone out, and would be kept for the next one.
    const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const ended = Promise.all([closed, plane.close()]).then(() => true);
    isCutOff = !(await Promise.race([ended, sleep(drainMs, false, { ref: false })]));
    clearInterval(sweeping);
    server.closeAllConnections();
    return exitCodes.done;
  } finally {
    const left = bulkhead.close();
    await (isCutOff ? Promise.race([left, sleep(LEAVE_MS)]) : left);
  }
}
