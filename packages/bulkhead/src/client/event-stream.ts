/**
 * Reads server-sent events (HTML standard, 9.2.6) from the bytes of an answer.
 *
 * Promises: pieces may be cut anywhere, also within a character or a line break; a text that never ends is not
 * held without bound.
 */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  /** What a later stream resumes after. */
  readonly id: string;
  /** How long to wait before connecting again, where the server says. */
  readonly retryMs: number | undefined;
}

const LINE_CHARS_MAX = 4 * 1024 * 1024;

export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];
  let retryMs: number | undefined;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      if (rest.length > LINE_CHARS_MAX) throw new Error('the stream has a line without end');
      // A carriage return at the end may be half of a line break.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== '') {
          const [, field = '', text = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
          if (field === 'data') data.push(text);
          else if (field === 'event') event = text;
          else if (field === 'id' && !text.includes('\0')) id = text;
          else if (field === 'retry' && /^\d{1,9}$/.test(text)) retryMs = Number(text);
          continue;
        }
        if (data.length > 0)
          yield { event: event || 'message', data: data.join('\n'), id, retryMs };
        event = '';
        data = [];
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
