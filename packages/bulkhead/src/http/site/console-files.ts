/**
 * The console's files, as its build left them beside this package's code.
 *
 * Promises: only files that were there at the start are ever served, so no path leads anywhere else; what has
 * a hash in its name is cached for a year, and the page itself never.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { httpError } from '../errors.ts';
import { entityTag, namesTag } from '../request/entity-tag.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const COMPRESSED: ReadonlySet<string> = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt']);
const YEAR = 'public, max-age=31536000, immutable';

interface Kept {
  readonly body: Buffer;
  readonly brotli: Buffer | undefined;
  readonly type: string;
  readonly tag: string;
  readonly caching: string;
}

type ConsoleFiles = (request: Request, path: string) => Response;

export function createConsoleFiles(base: string, folder = builtConsole()): ConsoleFiles {
  let files: Map<string, Kept> | undefined;
  return (request, path) => {
    files ??= readFiles(folder, base);
    // Any other address below the console is one of its pages.
    const file = files.get(path) ?? (isPage(path) ? files.get('index.html') : undefined);
    if (file === undefined) {
      throw httpError('http.route_absent', {
        ...(files.size === 0 && { message: 'The console was not built into this package.' }),
      });
    }
    const headers: Record<string, string> = {
      etag: file.tag,
      'cache-control': file.caching,
      vary: 'Accept-Encoding',
    };
    const known = request.headers.get('if-none-match');
    if (known !== null && namesTag(known, file.tag))
      return new Response(null, { status: 304, headers });
    headers['content-type'] = file.type;
    const packed = file.brotli !== undefined && takesBrotli(request) ? file.brotli : undefined;
    if (packed !== undefined) headers['content-encoding'] = 'br';
    return new Response(new Uint8Array(packed ?? file.body), { headers });
  };
}

/** Beside the built code; run from its sources, the package has it in `dist` all the same. */
function builtConsole(): string {
  const beside = fileURLToPath(new URL('../../console/', import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL('../../../dist/console/', import.meta.url));
}

const isPage = (path: string): boolean => !path.startsWith('assets/');

const takesBrotli = (request: Request): boolean =>
  (request.headers.get('accept-encoding') ?? '')
    .split(',')
    .some(
      (coding) =>
        /^\s*br\s*(?:;\s*q\s*=\s*(?!0(?:\.0*)?\s*$))?/i.test(coding) &&
        !/;\s*q\s*=\s*0(?:\.0*)?\s*$/.test(coding),
    );

function readFiles(folder: string, base: string): Map<string, Kept> {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return new Map();
  }
  const files = new Map<string, Kept>();
  for (const name of names) {
    const extension = extname(name);
    const type = TYPES[extension];
    if (type === undefined) continue;
    let body = readFileSync(join(folder, name));
    if (name === 'index.html') {
      // Where it is mounted is known here and nowhere else; the policy allows no script that could ask.
      body = Buffer.from(
        body.toString('utf8').replace(/<base href="[^"]*"/, `<base href="${base}/console/"`),
      );
    }
    files.set(name.replaceAll('\\', '/'), {
      body,
      type,
      brotli: COMPRESSED.has(extension)
        ? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
        : undefined,
      tag: entityTag(body.toString('latin1')),
      caching: name.replaceAll('\\', '/').startsWith('assets/') ? YEAR : 'no-cache',
    });
  }
  return files;
}
