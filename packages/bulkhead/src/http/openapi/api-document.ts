/**
 * The OpenAPI document without a server: for generating the client, and for tests that ask what there is.
 */
import type { ErrorCatalogue } from '../../kernel/errors.ts';
import { type Endpoint, gatherEndpoints } from '../operation.ts';
import { type OtherPorts, otherRooms } from '../other-rooms.ts';
import { type OwnParts, ownRoom } from '../own-room.ts';
import { openApiDocument, SESSION_COOKIE } from './document.ts';

/** Every address that is served, with operations that can be looked at and not run. */
export function describedEndpoints(): readonly Endpoint[] {
  // Answers every question with itself: making operations takes their doors apart, and runs none.
  const nothing: unknown = new Proxy(() => undefined, { get: () => nothing });
  return gatherEndpoints([
    ownRoom({
      streamsPerActor: 1,
      work: nothing,
      antiForgery: nothing,
      hub: nothing,
      jobs: nothing,
      people: nothing,
    } as OwnParts),
    ...otherRooms(new Proxy({}, { get: () => nothing }) as OtherPorts),
  ]);
}

export function apiDocument(options: {
  readonly errors: ErrorCatalogue;
  readonly version: string;
  readonly serverUrl: string;
}): Readonly<Record<string, unknown>> {
  return openApiDocument({
    endpoints: describedEndpoints(),
    sessionCookie: SESSION_COOKIE,
    ...options,
  });
}
