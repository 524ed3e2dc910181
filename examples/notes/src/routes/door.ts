/** An organization's door: the pages before sign-in, whose forms are for one browser. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DOOR_COOKIE, doorCookie, newDoor, readCookie } from '../cookies.ts';
import type { Door } from '../pages/door.ts';
import { doorToken } from '../same-origin.ts';
import { baseOf, type Services, slugOf } from '../services.ts';
import { notFound } from './errors.ts';

/** The form's own: the page is for one browser, and says so in a cookie. */
export function openDoor(services: Services, request: FastifyRequest, reply: FastifyReply): Door {
  const slug = slugOf(request);
  const organization = services.organizations.get(slug);
  if (organization === undefined) throw notFound();
  let door = readCookie(request, DOOR_COOKIE);
  if (door === undefined) {
    door = newDoor();
    reply.header('set-cookie', doorCookie(door));
  }
  return { base: baseOf(request), slug, organization, formToken: doorToken(services, door) };
}
