import type { Signature, SignatureProbe } from '../../api/observed/index.ts';
import type { Run, RunOptions } from '../run.ts';
import { blkid } from './blkid.ts';
import { readEdges } from './edges.ts';
import { wipefsList } from './wipefs.ts';

/**
 * What a device holds, found out the safe way: read it first, then ask two probers, and take nothing for blank unless
 * all of that went cleanly.
 */
export async function probeSignatures(
  run: Run,
  device: string,
  sizeBytes: number,
  options: RunOptions,
): Promise<SignatureProbe> {
  const edges = await readEdges(run, device, sizeBytes, options);
  if (!edges.readable) return unknown(edges.error);
  const cached = await blkid(run, device, options);
  const listed = await wipefsList(run, device, options);
  const signatures = unite(listed.signatures, cached.signatures);
  const error = cached.error ?? listed.error;
  if (error !== undefined) return { ...unknown(error), signatures };
  return {
    readable: true,
    signatures,
    ambivalent: cached.ambivalent,
    edgesZero: edges.zero,
    blank: signatures.length === 0 && !cached.ambivalent,
  };
}

const unknown = (readError = 'read failed'): SignatureProbe => ({
  readable: false,
  readError,
  signatures: [],
  ambivalent: false,
  edgesZero: false,
  blank: false,
});

/** Those with a place, and those the other prober alone knows. */
function unite(placed: readonly Signature[], others: readonly Signature[]): Signature[] {
  const known = new Set(placed.map(({ type }) => type));
  return [...placed, ...others.filter(({ type }) => !known.has(type))];
}
