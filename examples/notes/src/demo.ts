/**
 * `npm start`: PostgreSQL, the notes app, an attack on it, and then it is yours to try: the app, and the console
 * with what goes on in it.
 *
 * Options: --check ends after the attack, with 0 if nothing crossed and 1 if something did; --json prints
 * the outcome as JSON instead of the table (implies --check). Reads PORT, NO_COLOR and FORCE_COLOR.
 */
import { join } from 'node:path';
import { isBulkheadError } from 'bulkhead';
import { settled, showAudit } from './demo/audit.ts';
import { consoleAnswers, consoleUrl } from './demo/console.ts';
import { proveDemo } from './demo/prove.ts';
import { createScreen, type Screen } from './demo/screen.ts';
import {
  attackDemo,
  attackWithPassword,
  showCrossing,
  showDoors,
  showReport,
} from './demo/show.ts';
import { startDemo } from './demo/start.ts';
import { startTraffic } from './demo/traffic.ts';

const FOLDER = join(import.meta.dirname, '../../../.bulkhead/demo');
const EXIT_USAGE = 64;
const EXIT_FAILED = 70;

const flags = new Set(process.argv.slice(2));
const json = flags.has('--json');
const check = json || flags.has('--check');

const output = json ? process.stderr : process.stdout;
const screen = createScreen({
  isTerminal: output.isTTY === true,
  colour: !process.env.NO_COLOR && (output.isTTY === true || Boolean(process.env.FORCE_COLOR)),
  write: (text) => output.write(text),
});

const stops: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;

/** In reverse order, each once; what fails to stop does not keep the others running. */
function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
  })();
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second Ctrl-C of someone in a hurry.
    if (stopping !== undefined) process.exit(130);
    screen.line();
    screen.line(screen.faint('Stopping …'));
    stopAll().then(() => process.exit(0));
  });
}

function readPort(): number | undefined {
  const text = process.env.PORT;
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  fail(
    `PORT is “${text}”, which is not a port.`,
    'Set it to a number between 1 and 65535, or leave it out.',
  );
  process.exit(EXIT_USAGE);
}

function fail(what: string, next: string): void {
  screen.line();
  screen.line(screen.bad(what));
  screen.line(next);
}

function explain(error: unknown, on: Screen): void {
  if (isBulkheadError(error)) {
    fail(error.message, error.next);
    if (error.detail) on.line(on.faint(error.detail.trim().split('\n').slice(-6).join('\n  ')));
    return;
  }
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    fail(
      `Port ${process.env.PORT ?? ''} is taken by another program.`,
      'Choose another one: PORT=3001 npm start',
    );
    return;
  }
  fail(
    error instanceof Error ? error.message : String(error),
    `If it stays so, remove the folder ${FOLDER} and start again.`,
  );
}

async function main(): Promise<number> {
  const unknown = [...flags].filter((flag) => !['--check', '--json'].includes(flag));
  if (unknown.length > 0) {
    fail(`Unknown option ${unknown.join(' ')}.`, 'There are --check and --json.');
    return EXIT_USAGE;
  }
  screen.line();
  screen.line(screen.strong('Bulkhead: three organizations in one database'));
  screen.line();
  const demo = await startDemo({
    folder: FOLDER,
    port: readPort(),
    screen,
    onStarted: (stop) => stops.push(stop),
  });
  // What the log still has to write must not look like the attack's work; refusals are written for ten seconds
  // after the last, so the attack that leaves none comes first.
  await settled(demo);
  const raw = await attackWithPassword(demo, screen);
  const report = await attackDemo(demo, screen);
  if (!json) showReport(report, screen);
  const proven = await proveDemo(demo.superuserUrl, screen);
  if (!json) await showCrossing(demo, screen);
  const logHolds = await showAudit(demo, screen);
  const isConsoleUp = await consoleAnswers(demo);
  screen.line();
  if (isConsoleUp) screen.done('The console is served beside the app', consoleUrl(demo));
  else screen.line(screen.bad(`The console does not answer at ${consoleUrl(demo)}`));
  if (json) {
    const families = Object.fromEntries(report.families);
    process.stdout.write(
      `${JSON.stringify({ attempts: report.attempts, foreignBytes: report.foreignBytes, families, leaks: report.leaks, withPassword: raw, proven, logHolds, console: isConsoleUp }, null, 2)}\n`,
    );
  }
  if (check)
    return report.leaks.length === 0 && raw.verdict === 'held' && proven && logHolds && isConsoleUp
      ? 0
      : 1;
  await demo.app.controlPlane.start();
  const endTraffic = startTraffic(`http://127.0.0.1:${demo.port}`);
  stops.push(endTraffic);
  showDoors(demo, screen);
  screen.line();
  screen.line(screen.faint('Ctrl-C stops everything.'));
  return -1;
}

try {
  const exitCode = await main();
  // Otherwise the server keeps the process alive until a signal comes.
  if (exitCode >= 0) {
    await stopAll();
    process.exit(exitCode);
  }
} catch (error) {
  if (stopping === undefined) explain(error, screen);
  await stopAll();
  process.exit(EXIT_FAILED);
}
