import type { output, ZodType } from 'zod';
import type { KubernetesObject, Resource } from './resource.ts';

export interface CustomObject<Spec, Status> extends KubernetesObject {
  spec: Spec;
  status?: Status;
}

/** A column of `kubectl get`; those with a priority above 0 show with `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** A CEL rule over the whole object (`self`, and `oldSelf` in transitions). */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly fieldPath?: string;
  readonly reason?: string;
  readonly optionalOldSelf?: boolean;
}

/** A kind of our own: where it lives, and all that its CustomResourceDefinition says. */
export interface CustomResource<Spec = unknown, Status = unknown> extends Resource<CustomObject<Spec, Status>> {
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly description?: string;
  readonly spec: ZodType<Spec>;
  /** With it the kind has a status sub-resource. */
  readonly status?: ZodType<Status>;
  readonly columns?: readonly PrinterColumn[];
  /** JSON paths such as `.spec.nodeName`, usable in field selectors. */
  readonly selectableFields?: readonly string[];
  readonly validations?: readonly ValidationRule[];
}

type Described<Spec extends ZodType, Status extends ZodType> = Omit<
  CustomResource<output<Spec>, output<Status>>,
  'spec' | 'status' | 'object'
> & { readonly spec: Spec; readonly status?: Status };

/** Declares a kind; the types of its objects come from the schemas. */
export const customResource = <Spec extends ZodType, Status extends ZodType = ZodType<never>>(
  described: Described<Spec, Status>,
): CustomResource<output<Spec>, output<Status>> =>
  // The cast: the compiler does not see that a schema is one of its own output.
  described as CustomResource<output<Spec>, output<Status>>;
