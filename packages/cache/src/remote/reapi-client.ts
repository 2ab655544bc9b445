import type { Client, ServiceError } from '@grpc/grpc-js';
import { type Codec, loadCodecs } from './reapi-messages.ts';

export interface ReapiAddress {
  /** `host:port`. */
  readonly target: string;
  readonly isSecure: boolean;
  readonly instance: string;
  readonly token: string | null;
}

/** `grpc://host:port/instance`, or `grpcs` for TLS. */
export function parseReapiAddress(url: string, token: string | null): ReapiAddress {
  const { protocol, host, pathname } = new URL(url.replace(/^grpc/, 'http'));
  return { target: host, isSecure: protocol === 'https:', instance: pathname.replace(/^\/|\/$/g, ''), token };
}

const SERVICE = 'build.bazel.remote.execution.v2';

/** How a call may fail that says nothing bad of the server. */
export const NOT_FOUND = 5;

/** The calls of the Remote Execution API that a cache client makes, each with what it returns as plain objects. */
export class ReapiClient {
  requests = 0;
  received = 0;
  sent = 0;

  private constructor(
    private readonly grpc: typeof import('@grpc/grpc-js'),
    private readonly client: Client,
    private readonly codec: (name: string) => Codec,
    readonly instance: string,
    private readonly token: string | null,
  ) {}

  /** Both libraries load only where such a cache is configured. */
  static async connect({ target, isSecure, instance, token }: ReapiAddress): Promise<ReapiClient> {
    const [library, codec] = await Promise.all([import('@grpc/grpc-js'), loadCodecs()]);
    // It is CommonJS: bundled, its names are on the default export alone.
    const grpc = library.default ?? library;
    const credentials = isSecure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
    const client = new grpc.Client(target, credentials, {
      'grpc.max_receive_message_length': LARGEST_MESSAGE,
      // One attempt: who waits is a build.
      'grpc.enable_retries': 0,
    });
    return new ReapiClient(grpc, client, codec, instance, token);
  }

  encode(message: string, value: object): Buffer {
    return this.codec(message).encode(value);
  }

  call<Answer>(
    service: string,
    method: string,
    messages: readonly [string, string],
    request: object,
    signal: AbortSignal,
  ) {
    let release: () => void = () => undefined;
    return new Promise<Answer>((resolve, reject) => {
      const call = this.client.makeUnaryRequest<object, Answer>(
        `/${SERVICE}.${service}/${method}`,
        this.#serializer(messages[0]),
        this.#deserializer<Answer>(messages[1]),
        request,
        this.#metadata(),
        (error, answer) => (error || answer === undefined ? reject(readable(error)) : resolve(answer)),
      );
      release = abortWith(signal, () => call.cancel());
    }).finally(() => release());
  }

  /** The content of a blob, in pieces as they come. */
  async *read(hash: string, size: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    const stream = this.client.makeServerStreamRequest<object, { data?: Buffer }>(
      '/google.bytestream.ByteStream/Read',
      this.#serializer('ReadRequest'),
      this.#deserializer<{ data?: Buffer }>('ReadResponse'),
      { resourceName: this.#resource(`blobs/${hash}/${size}`) },
      this.#metadata(),
    );
    const release = abortWith(signal, () => stream.cancel());
    try {
      for await (const { data } of stream as AsyncIterable<{ data?: Buffer }>) if (data) yield data;
    } catch (error) {
      throw readable(error as ServiceError);
    } finally {
      release();
    }
  }

  /** `upload` makes the name of one upload unique. */
  async write(
    hash: string,
    size: number,
    upload: string,
    chunks: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<void> {
    let finish: (error: ServiceError | null) => void = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      finish = error => (error ? reject(readable(error)) : resolve());
    });
    // Whoever writes below hears of it through the stream as well.
    ended.catch(() => undefined);
    const stream = this.client.makeClientStreamRequest<object, object>(
      '/google.bytestream.ByteStream/Write',
      this.#serializer('WriteRequest'),
      this.#deserializer<object>('WriteResponse'),
      this.#metadata(),
      finish,
    );
    const release = abortWith(signal, () => stream.cancel());
    // Its rejection is that of `ended`, which is awaited below.
    ended.finally(release).catch(() => undefined);
    const resourceName = this.#resource(`uploads/${upload}/blobs/${hash}/${size}`);
    let writeOffset = 0;
    for await (const data of chunks) {
      const message = { resourceName, writeOffset, data, finishWrite: writeOffset + data.length === size };
      writeOffset += data.length;
      if (!stream.write(message)) await Promise.race([once(stream, 'drain'), ended]);
    }
    stream.end();
    await ended;
  }

  close(): void {
    this.client.close();
  }

  #resource(path: string): string {
    return this.instance === '' ? path : `${this.instance}/${path}`;
  }

  #metadata() {
    this.requests++;
    const metadata = new this.grpc.Metadata();
    if (this.token !== null) metadata.set('authorization', `Bearer ${this.token}`);
    return metadata;
  }

  #serializer(name: string) {
    return (value: object) => {
      const bytes = this.codec(name).encode(value);
      this.sent += bytes.length;
      return bytes;
    };
  }

  #deserializer<Answer>(name: string) {
    return (bytes: Buffer): Answer => {
      this.received += bytes.length;
      return this.codec(name).decode(bytes) as Answer;
    };
  }
}

/** Bytes of one answer: batches are kept below the 4 MiB that servers commonly allow. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** Gives back how to stop listening: one signal is that of hundreds of calls. */
function abortWith(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

function once(stream: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise(resolve => stream.once(event, () => resolve()));
}

export class ReapiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function readable(error: ServiceError | null): ReapiError {
  return new ReapiError(error?.code ?? 0, `it answered: ${error?.details || error?.message || 'nothing'}`);
}
