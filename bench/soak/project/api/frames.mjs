// The little of WebSockets that short messages need (RFC 6455, section 5.2): one final text frame of fewer than 126 bytes.
import { createHash, randomBytes } from 'node:crypto';

const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The answer to a `sec-websocket-key`. */
export function acceptFor(key) {
  return createHash('sha1')
    .update(key + ACCEPT)
    .digest('base64');
}

/** @param isMasked clients mask what they send, servers do not. */
export function textFrame(text, { isMasked }) {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('too long for a short frame');
  if (!isMasked) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
}

/** Calls back with the text of each frame, however the pieces are cut. Returns what takes the pieces. */
export function readFrames(onText) {
  let rest = Buffer.alloc(0);
  return chunk => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 2) return;
      const isMasked = (rest[1] & 0x80) !== 0;
      const from = isMasked ? 6 : 2;
      const to = from + (rest[1] & 0x7f);
      if (rest.length < to) return;
      const payload = rest.subarray(from, to);
      const text = isMasked ? payload.map((byte, at) => byte ^ rest[2 + (at % 4)]) : payload;
      rest = rest.subarray(to);
      onText(Buffer.from(text).toString());
    }
  };
}
