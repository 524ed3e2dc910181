/** A Chromium that is signed in, and tells what went wrong on its pages. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
  type Request,
} from 'playwright-core';
import { type ConsoleGround, type ConsolePerson, isConsoleBuilt } from './console-ground.ts';
import { sessionOf } from './session.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
/** How many times slower pages run than they could: what a loaded machine does to them, at will. */
const SLOWDOWN = Number(process.env.BROWSER_SLOWDOWN ?? 1);
/** Where there is no Chromium, or no console was built, these tests are skipped by name. */
export const canBrowse = existsSync(CHROMIUM) && isConsoleBuilt;

/**
 * On a machine that others share a browser may stand still for seconds. What fails once there is said to have been
 * tried again; what fails twice has failed.
 */
export const patiently = { retry: process.env.CI === undefined ? 0 : 1 };

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });

export const widths = { desk: 1280, phone: 390 } as const;
export type Width = keyof typeof widths;
export type Theme = 'dark' | 'light';

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: errors, refused styles and scripts, answers of 500 and more. */
  readonly faults: string[];
  /** To a page below the console, until nothing more is awaited. */
  go(path: string): Promise<void>;
}

export interface VisitOptions {
  readonly width?: Width;
  readonly theme?: Theme;
  readonly as?: ConsolePerson;
}

/** A window of its own, signed in with password and code over the API as the pages would. */
export async function visit(
  browser: Browser,
  ground: ConsoleGround,
  options: VisitOptions = {},
): Promise<Visit> {
  const { width = 'desk', theme = 'dark' } = options;
  const isPhone = width === 'phone';
  const context = await browser.newContext({
    baseURL: ground.url,
    viewport: { width: widths[width], height: isPhone ? 844 : 860 },
    deviceScaleFactor: isPhone ? 2 : 1,
    hasTouch: isPhone,
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  // The organization that was looked at last, and why an operator looks.
  await context.addInitScript(`
    localStorage.setItem('bulkhead.tenant', 'acme');
    sessionStorage.setItem('bulkhead.reasons', '{"acme":"Ticket 4711"}');
  `);
  const faults: string[] = [];
  const page = await context.newPage();
  if (SLOWDOWN > 1) {
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  }
  watchRequests(page);
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const isNoise = /Failed to load resource/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !isNoise) faults.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${response.status()} ${response.url()}`);
  });
  if (options.as !== undefined) {
    const { name, value } = await sessionOf(ground, options.as);
    await context.addCookies([{ name, value, url: new URL(ground.url).origin, httpOnly: true }]);
  }
  return {
    context,
    page,
    faults,
    async go(path) {
      await page.goto(path);
      await settled(page);
    },
  };
}

/** What each page has asked for and not been told; the stream of what happens never ends, so it doesn't count. */
const awaited = new WeakMap<Page, Set<Request>>();

function watchRequests(page: Page): void {
  const open = new Set<Request>();
  awaited.set(page, open);
  page.on('request', (request) => {
    // Another document: what the one before it asked for goes with it.
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) open.clear();
    if (request.resourceType() !== 'eventsource') open.add(request);
  });
  const end = (request: Request) => open.delete(request);
  page.on('requestfinished', end);
  page.on('requestfailed', end);
}

const ROUNDS_MAX = 500;

/** The heading stands, no skeleton does, nothing is asked of the server any more, and what it said is drawn. */
export async function settled(page: Page): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await page.locator('h1').first().waitFor();
    await page.locator('body:not(:has([aria-busy="true"]))').waitFor();
    const isQuiet = awaited.get(page)?.size === 0;
    // Two frames: what an answer changes is drawn in the first, what that asks for has been asked by the second.
    await page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
    const isBusy = (await page.locator('[aria-busy="true"]').count()) > 0;
    if (isQuiet && !isBusy && awaited.get(page)?.size === 0) return;
  }
  throw new Error(`${page.url()} does not settle`);
}

const PICTURES = join(import.meta.dirname, '../../../.cache/test-results/screenshots');

/** Kept with the results of the run; nobody compares them by pixels. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const file = `${name.replaceAll(/[^\w]+/g, '-')}.png`;
  // A phone's page as it is scrolled through; a desk's as its window shows it.
  const isPhone = (page.viewportSize()?.width ?? 0) < 640;
  await page.screenshot({ path: join(PICTURES, file), fullPage: isPhone });
}
