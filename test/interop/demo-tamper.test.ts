/** `npm run demo:tamper`, as a visitor runs it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../examples/notes/dist/demo-tamper.js');

test('the administrator’s tampering is shown, and each caught by name', async () => {
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM],
      { env: { ...process.env, NO_COLOR: '1' } },
      (error, out) => resolve({ code: error?.code ?? 0, stdout: out }),
    );
  });
  expect(stdout).toContain('✖ leaf.changed  leaf 0 is not the one that was hashed');
  expect(stdout).toContain('✖ checkpoint.root');
  expect(stdout).toContain('Caught, both times.');
  expect(code).toBe(0);
});
