/** One ground and one browser for a file of journeys; each visit ends with its test, and must have gone without a fault. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  canBrowse,
  openBrowser,
  picture,
  type Visit,
  type VisitOptions,
  visit,
} from './browser.ts';
import {
  type ConsoleGround,
  type ConsoleGroundOptions,
  type ConsolePerson,
  createConsoleGround,
} from './console-ground.ts';

export interface Tour {
  readonly ground: ConsoleGround;
  /** A window of its own at a page below the console, signed in as somebody or as nobody. */
  come(as?: ConsolePerson, path?: string, options?: VisitOptions): Promise<Visit>;
}

/** Called once at the top of a file, outside of any test. */
export function tour(options: ConsoleGroundOptions): Tour {
  let ground: ConsoleGround | undefined;
  let browser: Browser | undefined;
  const visits: Visit[] = [];
  beforeAll(async () => {
    if (!canBrowse) return;
    ground = await createConsoleGround(options);
    browser = await openBrowser();
  }, 300_000);
  afterEach(async ({ task }) => {
    for (const { context, page, faults } of visits.splice(0)) {
      if (task.result?.state === 'fail') await picture(page, `failed ${task.id}`);
      await context.close();
      expect(faults).toEqual([]);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await ground?.close();
  });
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('only within a test');
    return value;
  };
  return {
    get ground() {
      return started(ground);
    },
    async come(as, path = './', more = {}) {
      const one = await visit(started(browser), started(ground), {
        ...more,
        ...(as !== undefined && { as }),
      });
      visits.push(one);
      await one.go(path);
      return one;
    },
  };
}
