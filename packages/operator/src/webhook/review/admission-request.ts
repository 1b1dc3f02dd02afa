import * as z from 'zod';
import { deepFreeze } from '../../deep-freeze.ts';
import type { KubernetesObject } from '../../resource.ts';

/** Who asks. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

interface RequestBase {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Such as `status`; undefined for the object itself. */
  readonly subResource?: string | undefined;
  /** Undefined when a new object's name is still to be generated. */
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly userInfo: UserInfo;
  /** Nothing will be stored: reviews must have no side effects anyway. */
  readonly dryRun: boolean;
}

/** A write on its way in, the `request` of an AdmissionReview of admission.k8s.io/v1; its objects are frozen. */
export type AdmissionRequest<O extends KubernetesObject = KubernetesObject> = RequestBase &
  (
    | { readonly operation: 'CREATE' | 'CONNECT'; readonly object: Readonly<O>; readonly oldObject?: undefined }
    | { readonly operation: 'UPDATE'; readonly object: Readonly<O>; readonly oldObject: Readonly<O> }
    | { readonly operation: 'DELETE'; readonly object?: undefined; readonly oldObject: Readonly<O> }
  );

const given = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

const object = z.looseObject({}) as unknown as z.ZodType<KubernetesObject>;

const Base = z.object({
  uid: z.string().min(1),
  kind: z.object({ group: z.string(), version: z.string(), kind: z.string() }),
  subResource: given,
  name: given,
  namespace: given,
  userInfo: z.object({
    username: z.string().default(''),
    uid: z.string().exactOptional(),
    groups: z.array(z.string()).default([]),
    extra: z.record(z.string(), z.array(z.string())).default({}),
  }),
  dryRun: z.boolean().default(false),
});

const AdmissionReview = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.discriminatedUnion('operation', [
    Base.extend({ operation: z.enum(['CREATE', 'CONNECT']), object }),
    Base.extend({ operation: z.literal('UPDATE'), object, oldObject: object }),
    Base.extend({ operation: z.literal('DELETE'), oldObject: object }),
  ]),
});

/** What was sent is no AdmissionReview of admission.k8s.io/v1; the message says where it differs. */
export class MalformedReview extends Error {
  override readonly name = 'MalformedReview';
}

/** @throws MalformedReview */
export function parseReview(body: string): AdmissionRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw new MalformedReview(`not JSON: ${(error as Error).message}`, { cause: error });
  }
  const { success, data, error } = AdmissionReview.safeParse(json);
  if (!success) throw new MalformedReview(`not an AdmissionReview: ${z.prettifyError(error)}`, { cause: error });
  return deepFreeze(data.request);
}
