/**
 * Cookies beside the session's: what ties a form to the browser it was made for, the sign-in that is under way,
 * and the browser itself.
 *
 * Promises: scripts read none of them, and no other site's request carries the first two.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

export const DOOR_COOKIE = 'notes_door';
export const FLOW_COOKIE = 'notes_flow';
export const DEVICE_COOKIE = 'notes_device';

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const FLOW_SECONDS = 600;

export function readCookie(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return undefined;
}

export const newDoor = (): string => randomBytes(18).toString('base64url');

export const doorCookie = (value: string): string => cookie(DOOR_COOKIE, value, 'Strict');
export const flowCookie = (flow: string): string =>
  cookie(FLOW_COOKIE, flow, 'Strict', flow === '' ? 0 : FLOW_SECONDS);
export const deviceCookie = (device: string): string =>
  cookie(DEVICE_COOKIE, device, 'Lax', YEAR_SECONDS);

function cookie(name: string, value: string, site: 'Strict' | 'Lax', ageSeconds?: number): string {
  const age = ageSeconds === undefined ? '' : `; Max-Age=${ageSeconds}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${site}${age}`;
}
