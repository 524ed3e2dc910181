/**
 * A TCP proxy with a round-trip time: each direction holds what it carries for half of it. Runs in a
 * process of its own, so that its work is on nobody's account: `node delay-proxy.js <port> <round trip ms>`.
 */
import { connect, createServer, type Socket } from 'node:net';

const [targetPort = 0, roundTripMs = 2] = process.argv.slice(2).map(Number);
const delayMs = roundTripMs / 2;

/** setTimeout knows whole milliseconds only and is late; due chunks are looked for on every turn instead. */
interface Held {
  readonly dueMs: number;
  readonly chunk: Uint8Array | string;
  readonly to: Socket;
}

const held: Held[] = [];
let watching = false;

function deliver(): void {
  const nowMs = performance.now();
  while (held[0] !== undefined && held[0].dueMs <= nowMs) {
    const { chunk, to } = held.shift() as Held;
    if (!to.destroyed) to.write(chunk);
  }
  if (held.length === 0) watching = false;
  else setImmediate(deliver);
}

function carry(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => {
    held.push({ dueMs: performance.now() + delayMs, chunk, to });
    if (!watching) {
      watching = true;
      setImmediate(deliver);
    }
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}

const server = createServer((near) => {
  const far = connect(targetPort, '127.0.0.1');
  carry(near, far);
  carry(far, near);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit());
