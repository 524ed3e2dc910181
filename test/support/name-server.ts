/** A real name server on this machine (RFC 1035, UDP): TXT records as a test sets them, and every way not to answer. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** What there is to say of a name: its TXT records, each as one or more strings; or how it fails. */
export type Answer = readonly (readonly string[])[] | 'SERVFAIL' | 'REFUSED' | 'silence';

export interface NameServer {
  /** `127.0.0.1:port`, as `identity.nameServers` takes it. */
  readonly address: string;
  /** Names that are not in it do not exist. */
  readonly zone: Map<string, Answer>;
  /** How often each name was asked for. */
  readonly asked: Map<string, number>;
}

const RCODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const TXT = 16;

function readName(packet: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function txtRecord(strings: readonly string[]): Buffer {
  const data = Buffer.concat(
    strings.map((text) =>
      Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]),
    ),
  );
  const head = Buffer.from([
    0xc0,
    12,
    0,
    TXT,
    0,
    1,
    0,
    0,
    0,
    0,
    data.length >> 8,
    data.length & 255,
  ]);
  return Buffer.concat([head, data]);
}

function answerTo(query: Buffer, end: number, answer: Answer | undefined): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  const records = typeof answer === 'object' ? answer.map(txtRecord) : [];
  const code =
    answer === undefined
      ? RCODES.NXDOMAIN
      : answer === 'SERVFAIL' || answer === 'REFUSED'
        ? RCODES[answer]
        : 0;
  head.writeUInt16BE(0x8580 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, query.subarray(12, end), ...records]);
}

export async function startNameServer(): Promise<NameServer> {
  const zone = new Map<string, Answer>();
  const asked = new Map<string, number>();
  const socket = createSocket('udp4');
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, end } = readName(query);
    asked.set(name, (asked.get(name) ?? 0) + 1);
    const answer = zone.get(name);
    if (answer !== 'silence') socket.send(answerTo(query, end, answer), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, zone, asked };
}
