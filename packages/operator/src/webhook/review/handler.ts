import type { KubernetesObject, Resource } from '../../resource.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { Allow, Deny, Mutate } from './verdict.ts';

export interface ReviewOptions {
  /** Aborts at the deadline, and when the API server no longer waits. */
  readonly signal: AbortSignal;
}

type Review<O extends KubernetesObject, V> = (request: AdmissionRequest<O>, options: ReviewOptions) => V | Promise<V>;

interface HandlerOptions<O extends KubernetesObject, V> {
  /** As in the configuration's `clientConfig`, such as `/validate-box`. */
  readonly path: string;
  /** The kind that is reviewed. What is of another is answered as a failure. */
  readonly resource: Resource<O>;
  /** What is answered when `review` throws or overruns its deadline; `deny` unless given. */
  readonly failure?: 'deny' | 'allow';
  /** A review that takes longer has failed. The API server's own deadline holds too, where that is shorter. */
  readonly deadlineMs?: number;
  readonly review: Review<O, V>;
}

export type ValidatingOptions<O extends KubernetesObject> = HandlerOptions<O, Allow | Deny>;
export type MutatingOptions<O extends KubernetesObject> = HandlerOptions<O, Allow | Deny | Mutate<O>>;

/** A handler of some kind; which, only its own function knows. */
export type Handler = MutatingOptions<KubernetesObject>;

/** Judges writes. The review is a function of its request: the API server may ask twice, and of dry runs too. */
export const validating = <O extends KubernetesObject>(options: ValidatingOptions<O>): Handler =>
  options as unknown as Handler;

/** Judges and changes writes; to review again what it has changed changes nothing more. */
export const mutating = <O extends KubernetesObject>(options: MutatingOptions<O>): Handler =>
  options as unknown as Handler;
