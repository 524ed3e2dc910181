/** Puts a proof where it was asked for: terminal, files, or both. */
import type { KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandIo } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { createPaint } from '../../kernel/terminal/index.ts';
import { version } from '../../kernel/version.ts';
import type { ProvedDatabase } from './documents.ts';
import type { Comparison } from './report/baseline.ts';
import { ephemeralKey, publicPem, signEnvelope } from './report/dsse.ts';
import { FIX_HEADER, renderFixMigration } from './report/fix-migration.ts';
import type { Format } from './report/formats.ts';
import { toStatement } from './report/in-toto.ts';
import { orderProof } from './report/order.ts';
import { toSarif } from './report/sarif.ts';
import { renderText } from './report/text.ts';

export interface Delivery {
  readonly format: Format;
  readonly out?: string | undefined;
  readonly fix?: string | undefined;
  readonly elapsedMs: number;
  readonly comparison?: Comparison;
  readonly signingKey?: KeyObject;
}

export async function deliver(
  io: CommandIo,
  proved: ProvedDatabase,
  delivery: Delivery,
): Promise<void> {
  const fixFile = delivery.fix === undefined ? undefined : await writeFix(io, proved, delivery.fix);
  const text = (onTerminal: boolean): string =>
    renderText(proved.proof, {
      paint: onTerminal ? io.paint : createPaint(false),
      columns: onTerminal ? io.columns : 120,
      elapsedMs: delivery.elapsedMs,
      ...(delivery.comparison === undefined ? {} : { comparison: delivery.comparison }),
      ...(fixFile === undefined ? {} : { fixFile }),
    });
  // `--json` is every command's flag; here it means the JSON report.
  const format = io.json && delivery.format === 'text' ? 'json' : delivery.format;
  if (delivery.out !== undefined) {
    const content =
      format === 'text'
        ? text(false)
        : JSON.stringify(await document(io, proved, format, delivery), null, 2);
    await writeWhole(resolve(io.cwd, delivery.out), `${content}\n`);
    io.line(text(true));
    if (io.json) io.result(orderProof(proved.proof));
    return;
  }
  if (format === 'text') {
    io.line(text(true));
    return;
  }
  const made = await document(io, proved, format, delivery);
  if (io.json) io.result(made);
  else io.line(JSON.stringify(made, null, 2));
}

async function document(
  io: CommandIo,
  proved: ProvedDatabase,
  format: Exclude<Format, 'text'>,
  { comparison, signingKey }: Delivery,
): Promise<unknown> {
  switch (format) {
    case 'json':
      return orderProof(proved.proof);
    case 'sarif':
      return toSarif(proved.proof, {
        version,
        ...(comparison === undefined ? {} : { comparison }),
        ...(proved.locate === undefined ? {} : { locate: proved.locate }),
      });
    case 'intoto': {
      const key = signingKey ?? ephemeralKey();
      if (signingKey === undefined) {
        io.note(
          'Signed with a key made for this run; keep its public part to check the signature:',
        );
        io.note(publicPem(key));
      }
      const statement = toStatement(proved.proof, {
        subjects: proved.subjects,
        version,
        serverVersion: proved.serverVersion,
        provedAt: new Date(),
      });
      return signEnvelope(statement, key);
    }
  }
}

/** Only a migration of its own making is replaced. */
async function writeFix(io: CommandIo, proved: ProvedDatabase, file: string): Promise<string> {
  const path = resolve(io.cwd, file);
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present !== undefined && !present.startsWith(FIX_HEADER)) {
    throw kernelError('kernel.file_exists', {
      message: `${file} is there already and was not written by \`bulkhead prove\`.`,
      next: 'Name another file.',
    });
  }
  const { sql } = await renderFixMigration(proved.proof);
  await writeWhole(path, sql);
  return file;
}

async function writeWhole(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw kernelError('kernel.file_unreadable', {
      message: `${path} could not be written.`,
      cause,
    });
  }
}
