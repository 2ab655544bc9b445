/** An image as it is where it comes from. */
export interface SourceImage {
  readonly body: Buffer;
  /** Its `content-type`. */
  readonly type: string;
  readonly cacheControl: string | undefined;
}

/** Bytes. */
export const LARGEST_SOURCE = 50 * 1024 * 1024;

/** There is no such image, or it is none that can be served. */
export class ImageProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
