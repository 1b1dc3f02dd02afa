import type { IncomingHttpHeaders } from 'node:http';

/** One request as it goes over a connection. */
export interface Outgoing {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** An answer whose head has come. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end or given up; throws when the connection is lost before the end has come. */
  readonly body: AsyncIterable<string>;
}

/** Connections to one server, whatever HTTP they speak. */
export interface Wire {
  /** @throws LostConnection; anything when `signal` aborts */
  send(request: Outgoing): Promise<Reply>;
  /** Takes no further requests and ends connections that are idle. */
  close(): void;
}

/**
 * What became of a request whose answer did not come.
 * `unsent`: no connection was made. `refused`: the server says that it did not begin with it. `unknown`: a connection
 * broke, and it may have been done or not.
 */
export type Fate = 'unsent' | 'refused' | 'unknown';

export class LostConnection extends Error {
  override readonly name = 'LostConnection';
  readonly fate: Fate;

  constructor(fate: Fate, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.fate = fate;
  }
}
