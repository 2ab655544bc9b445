/** Reads server-sent events of a response one at a time: `next` waits for the end of one more event. */
export function eventStream(response: Response): { next(): Promise<string>; close(): Promise<void> } {
  if (!response.body) throw new Error('the response has no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let received = '';
  return {
    async next() {
      for (;;) {
        const end = received.indexOf('\n\n');
        if (end !== -1) {
          const event = received.slice(0, end);
          received = received.slice(end + 2);
          return event;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended after: ${received}`);
        received += value;
      }
    },
    close: () => reader.cancel(),
  };
}
