/** Where a request came from: as the socket says, or as the proxy in front does. */
import { isIP } from 'node:net';

interface Socket {
  readonly remoteAddress?: string | undefined;
}

interface Socketed {
  readonly socket?: Socket | undefined;
}

/** A connection carries many requests, and comes from one address. */
const ofSockets = new WeakMap<Socket, string>();

/**
 * @param raw the framework's own request; of a `fetch` handler's it is not known
 * @param forwarded X-Forwarded-For, where a proxy in front is trusted to write its end
 */
export function clientAddress(raw: unknown, forwarded: string | undefined): string | undefined {
  // Only the last entry is the trusted proxy's word: those before it came with the request.
  if (forwarded !== undefined) return plainAddress(forwarded.split(',').at(-1)?.trim());
  const request = (raw ?? {}) as Socketed & { readonly raw?: Socketed };
  const socket = request.socket ?? request.raw?.socket;
  if (socket === undefined) return undefined;
  const known = ofSockets.get(socket);
  if (known !== undefined) return known;
  const address = plainAddress(socket.remoteAddress);
  if (address !== undefined) ofSockets.set(socket, address);
  return address;
}

function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  // An IPv4 client of a socket that takes both is shown as ::ffff:192.0.2.1.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 0 ? undefined : plain;
}
