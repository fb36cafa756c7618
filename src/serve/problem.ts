/** What can be wrong with a request, or with the server when it arrives: HTTP status and title by code. */
export const problems = {
  "bad-request": [400, "The request is not as it should be"],
  "not-a-picture": [400, "The bytes are no picture that can be read"],
  "damaged-picture": [400, "The picture is damaged"],
  unauthorized: [401, "A token is needed"],
  "not-found": [404, "There is nothing at this address"],
  "method-not-allowed": [405, "The address does not take this method"],
  "not-acceptable": [406, "None of the wanted media types can be given"],
  "upload-too-slow": [408, "The body did not arrive in time"],
  "body-too-large": [413, "The body is too large"],
  "picture-too-large": [413, "The picture has too many pixels"],
  "unsupported-media-type": [415, "The body's media type is not taken"],
  "wrong-host": [421, "The server does not answer to this name"],
  busy: [429, "Too many requests are being worked on"],
  internal: [500, "The server failed"],
  "not-ready": [503, "The model is not ready"],
  "time-limit": [504, "The prediction took too long"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** The name of a problem, for programs. */
export type ProblemCode = keyof typeof problems;

/** What a problem says beside its code. */
export interface ProblemOptions {
  /** What the client can do about it. */
  readonly hint?: string;
  /** Response headers that go with it, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A request that cannot be answered as wished: what its response says. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, { hint, headers = {}, cause }: ProblemOptions = {}) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = "Problem";
    this.code = code;
    this.hint = hint;
    this.headers = headers;
  }

  get status(): (typeof problems)[ProblemCode][0] {
    return problems[this.code][0];
  }

  get title(): string {
    return problems[this.code][1];
  }
}
