/** The client stands alone, and reads a stream however the network cuts it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readServerSentEvents } from './event-stream.ts';

it('loads nothing but its own files, so that a browser can', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => !name.includes('.test.'));
  for (const file of files) {
    const source = await readFile(join(import.meta.dirname, file), 'utf8');
    const imported = [...source.matchAll(/^(?:import|export)[^;]*? from '([^']+)'/gm)];
    for (const [, from] of imported) expect(from, file).toMatch(/^\.\/[\w-]+(?:\.generated)?\.ts$/);
  }
});

it('reads the same events however their bytes are cut', async () => {
  const text =
    'retry: 50\r\n\r\n: life\n\nid: 7\nevent: change\ndata: {"a":"ü€😀"}\ndata:2\r\rdata\n\nid: 8\n\n';
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), async (given) => {
      const cuts = [...new Set([0, ...given, bytes.length])].sort((a, b) => a - b);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          cuts.slice(1).forEach((cut, n) => {
            controller.enqueue(bytes.subarray(cuts[n], cut));
          });
          controller.close();
        },
      });
      const read = [];
      for await (const event of readServerSentEvents(body)) read.push(event);
      expect(read).toEqual([
        { event: 'change', data: '{"a":"ü€😀"}\n2', id: '7', retryMs: 50 },
        { event: 'message', data: '', id: '7', retryMs: 50 },
      ]);
    }),
  );
});
