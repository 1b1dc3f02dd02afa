import { beforeAll, describe, expect, test } from 'vitest';
import { install, kubectl } from './harness/install.ts';

beforeAll(install);

const accounts = { agent: 'hwameistor-local-storage', controller: 'hwameistor-local-storage-csi-controller' };

/** The word that `kubectl auth can-i` says; with `no` it also fails. */
async function answer(who: keyof typeof accounts, ...what: string[]): Promise<string> {
  const as = `--as=system:serviceaccount:hwameistor:${accounts[who]}`;
  const printed = await kubectl('auth', 'can-i', ...what, as, '--namespace=hwameistor').catch(
    (error: { stdout: string }) => error.stdout,
  );
  return printed.trim();
}

describe.each<{ who: keyof typeof accounts; may: string[]; mayNot: string[] }>([
  {
    who: 'agent',
    may: [
      'create localdisks',
      'patch localstoragenodes --subresource=status',
      'watch localdiskclaims',
      'watch localdiskactions',
      'update localvolumereplicas --subresource=status',
      'create localvolumereplicas',
      'update localvolumewriters',
      'update leases',
      'get secrets/hwameistor-cluster',
    ],
    mayNot: [
      'create localvolumewriters',
      'delete localvolumewriters',
      'patch localvolumewriters',
      'delete localvolumes',
      'update localvolumes',
      'patch nodes',
      'update localdiskactions',
      'get secrets/another',
      'list secrets',
      'create pods',
    ],
  },
  {
    who: 'controller',
    may: [
      'create localvolumewriters',
      'delete localvolumereplicas',
      'create localvolumemigrates',
      'patch localstoragenodes --subresource=status',
      'patch nodes',
      'update localdisks',
      'update localdiskactions --subresource=status',
      'create secrets',
      'get secrets/hwameistor-cluster',
      'list pods --all-namespaces',
      'delete pods --all-namespaces',
      'patch persistentvolumes',
      // For the sidecars, which are in its pod.
      'create persistentvolumes',
      'delete persistentvolumes',
      'update csistoragecapacities',
      'list persistentvolumeclaims --all-namespaces',
      'delete volumeattachments',
      'get csidrivers',
    ],
    mayNot: [
      'get secrets/another',
      'list secrets',
      'create pods',
      'delete localdisks',
      'update localdiskactions',
      'delete nodes',
      'create nodes',
      'create persistentvolumeclaims',
      'delete persistentvolumeclaims',
    ],
  },
])('the $who', ({ who, may: allowed, mayNot }) => {
  test.each(allowed)('may %s', async (what) => {
    expect(await answer(who, ...what.split(' '))).toBe('yes');
  });

  test.each(mayNot)('may not %s', async (what) => {
    expect(await answer(who, ...what.split(' '))).toBe('no');
  });
});
