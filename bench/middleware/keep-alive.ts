/**
 * A caller that costs less than any server it calls: prepared request bytes on a keep-alive connection, and
 * of the answer only its status and its length are looked at.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface Caller {
  /** Sends a request; resolves when its answer is complete, and rejects unless that is a 200. */
  call(request: Buffer): Promise<void>;
  close(): void;
}

export async function openCaller(port: number): Promise<Caller> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let received = '';
  let done: (() => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (!isComplete(received)) return;
    const answer = received;
    received = '';
    if (answer.startsWith('HTTP/1.1 200 ')) done?.();
    else failed?.(new Error(`the server answered: ${answer.slice(0, 300)}`));
  });
  socket.on('error', (error) => failed?.(error));
  return {
    call: (request) =>
      new Promise((resolve, reject) => {
        done = resolve;
        failed = reject;
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  return text.endsWith('0\r\n\r\n');
}
