import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { KubernetesObject } from '../../resource.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { Handler } from './handler.ts';
import { jsonPatch } from './json-patch.ts';
import { allow, deny, type Allow, type Deny, type Mutate } from './verdict.ts';

type Verdict = Allow | Deny | Mutate<KubernetesObject>;

/** The `response` of an AdmissionReview. */
export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  status?: { code: number; reason: string; message: string };
  patchType?: 'JSONPatch';
  /** Base64 of the JSON patch. */
  patch?: string;
  warnings?: readonly string[];
}

export interface ReviewContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly deadlineMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

class DeadlineOverrun extends Error {
  override readonly name = 'DeadlineOverrun';
}

/** Asks a handler. Always answers, and by the deadline, whatever the handler does but block the process. */
export async function review(
  handler: Handler,
  request: AdmissionRequest,
  context: ReviewContext,
): Promise<AdmissionResponse> {
  try {
    refuseOtherKinds(handler, request);
    return responseTo(request, await verdictOf(handler, request, context));
  } catch (error) {
    context.log.error({ err: error, path: handler.path, uid: request.uid }, 'Review failed');
    return responseTo(request, failureOf(handler, request, error));
  }
}

/** Configurations with the rules of another webhook would have it judge what it doesn't know. */
function refuseOtherKinds({ path, resource }: Handler, { kind }: AdmissionRequest): void {
  if (kind.group === resource.group && kind.version === resource.version && kind.kind === resource.kind) return;
  const spelt = (one: typeof kind) => `${one.kind} (${one.group || 'core'}/${one.version})`;
  throw new Error(`${path} reviews ${spelt(resource)}, not ${spelt(kind)}: correct the webhook's rules`);
}

async function verdictOf(
  handler: Handler,
  request: AdmissionRequest,
  { clock, deadlineMs, signal }: ReviewContext,
): Promise<Verdict> {
  const overrun = new AbortController();
  const stop = AbortSignal.any([signal, overrun.signal]);
  const stopped = Promise.withResolvers<never>();
  stop.addEventListener('abort', () => stopped.reject(stop.reason), { once: true });
  const cancel = clock.timer(deadlineMs, () =>
    overrun.abort(new DeadlineOverrun(`no verdict within ${deadlineMs} ms`)),
  );
  try {
    const verdict = (async () => handler.review(request, { signal: stop }))();
    return await Promise.race([verdict, stopped.promise]);
  } finally {
    cancel();
  }
}

function failureOf({ failure = 'deny' }: Handler, request: AdmissionRequest, error: unknown): Verdict {
  const why = error instanceof Error ? error.message : String(error);
  const what = [request.namespace, request.name].filter((part) => part !== undefined).join('/');
  const object = `${request.kind.kind} ${what}`.trim();
  if (failure === 'allow') return allow({ warnings: [`${object} was let in without a review: ${why}`] });
  const reason = error instanceof DeadlineOverrun ? 'Timeout' : 'InternalError';
  return deny(`${object} could not be reviewed: ${why}`, { reason });
}

function responseTo({ uid, object }: AdmissionRequest, verdict: Verdict): AdmissionResponse {
  const { kind, warnings = [] } = verdict;
  const told = warnings.length > 0 && { warnings };
  if (kind === 'deny') {
    const { code, reason, message } = verdict;
    return { uid, allowed: false, status: { code, reason, message }, ...told };
  }
  if (kind === 'allow') return { uid, allowed: true, ...told };
  if (object === undefined) throw new Error('a deletion was to be mutated: there is no new object');
  const patch = jsonPatch(object, onWire(verdict.object));
  const patched = patch.length > 0 && { patchType: 'JSONPatch' as const, patch: base64(JSON.stringify(patch)) };
  return { uid, allowed: true, ...patched, ...told };
}

/** A value as JSON carries it: undefined members are gone. */
const onWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const base64 = (text: string) => Buffer.from(text).toString('base64');
