/**
 * Everything beside the API: the console's files, the API's description, and what machines ask about health.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpConfig } from '../config.ts';
import { httpError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { json } from '../request/answer.ts';
import { entityTag, namesTag } from '../request/entity-tag.ts';
import { createConsoleFiles } from './console-files.ts';
import { referencePage, referenceStyle } from './reference-page.ts';

export type SiteAnswer = (request: Request, path: string) => Response | Promise<Response>;

export interface Site {
  readonly routes: readonly (readonly [path: string, answer: SiteAnswer])[];
}

export interface SiteOptions {
  readonly base: string;
  readonly config: HttpConfig;
  readonly document: Readonly<Record<string, unknown>>;
  readonly documentText: string;
  readonly metrics: Metrics;
  readonly isReady: () => Promise<boolean>;
  readonly isDraining: () => boolean;
}

const DESCRIPTION_AGE_SECONDS = 300;

export function createSite(options: SiteOptions): Site {
  const { base, config, document, documentText, metrics, isReady, isDraining } = options;
  const files = createConsoleFiles(base);
  const page = referencePage(document, base);
  const toConsole = () =>
    new Response(null, { status: 308, headers: { location: `${base}/console/` } });
  const description =
    (text: string, type: string): SiteAnswer =>
    (request) => {
      const tag = entityTag(text);
      const headers = { etag: tag, 'cache-control': `public, max-age=${DESCRIPTION_AGE_SECONDS}` };
      const known = request.headers.get('if-none-match');
      if (known !== null && namesTag(known, tag))
        return new Response(null, { status: 304, headers });
      return new Response(text, { headers: { ...headers, 'content-type': type } });
    };
  return {
    routes: [
      ['/', toConsole],
      ['/console', toConsole],
      ['/console/*', (request, path) => files(request, path.slice('/console/'.length))],
      ['/openapi.json', description(documentText, 'application/json; charset=utf-8')],
      ['/reference', description(page, 'text/html; charset=utf-8')],
      ['/reference.css', description(referenceStyle, 'text/css; charset=utf-8')],
      ['/healthz', () => json(200, '{"status":"up"}')],
      [
        '/readyz',
        async () => {
          if (isDraining()) throw httpError('http.stopping');
          if (!(await isReady())) throw httpError('http.database_busy');
          return json(200, '{"status":"ready"}');
        },
      ],
      [
        '/metrics',
        (request) => {
          assertScraper(request, config.metricsToken);
          return new Response(metrics.text(), {
            headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
          });
        },
      ],
    ],
  };
}

/** Whoever has no token learns nothing of there being one. */
function assertScraper(request: Request, token: string | undefined): void {
  const given = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined || given === undefined) throw httpError('http.route_absent');
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(hash(given), hash(token))) throw httpError('http.route_absent');
}
