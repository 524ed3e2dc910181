import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildLog,
  LOG_KEY,
  newDirectory,
  ORIGIN,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { run, runLog } from './testdata/run.ts';
import { makeSigner } from './testdata/signer.ts';

const passes = { status: 0, failed: [] };

describe('an honest log passes', () => {
  it.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_000])(
    'of %i entries',
    (size) => {
      const directory = buildLog({ entries: someEntries(size) });
      const { lines, ...verdict } = runLog(directory, '--origin', ORIGIN, '--strict-size');
      expect(verdict).toMatchObject(passes);
      expect(lines).toContain('PASS root the entries lead to the root that was signed');
      expect(lines.some((line) => line.startsWith(`PASS entries ${size} entries`))).toBe(true);
      rmSync(directory, { recursive: true });
    },
  );
});
