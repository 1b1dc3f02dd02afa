/** One HTTP request, when the head of its answer has come or none will. */
export interface ObservedRequest {
  readonly method: string;
  readonly host: string;
  /** HTTP status; undefined when no answer came. */
  readonly code: number | undefined;
  readonly seconds: number;
}

export type RequestObserver = (request: ObservedRequest) => void;

/** Sends a request and tells `observe` what became of it. */
export async function observed<Reply>(
  observe: RequestObserver | undefined,
  about: Pick<ObservedRequest, 'method' | 'host'>,
  send: () => Promise<Reply>,
  codeOf: (reply: Reply) => number | undefined,
): Promise<Reply> {
  if (observe === undefined) return send();
  const started = performance.now();
  let code: number | undefined;
  try {
    const reply = await send();
    code = codeOf(reply);
    return reply;
  } finally {
    observe({ ...about, code, seconds: (performance.now() - started) / 1000 });
  }
}
