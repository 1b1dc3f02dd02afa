import { expect, test } from 'vitest';
import { parseParameters, poolClassIn } from './parameters.ts';

const least = { poolClass: 'HDD', replicaNumber: '1' };

test('parameters of the original’s StorageClass name a pool, and stand in the volume’s attributes', () => {
  const ofClass = { ...least, poolType: 'REGULAR', volumeKind: 'LVM', striped: 'true', convertible: 'false' };
  const ofClaim = {
    'csi.storage.k8s.io/pvc/name': 'data-0',
    'csi.storage.k8s.io/pvc/namespace': 'db',
    'csi.storage.k8s.io/pv/name': 'pvc-1',
  };
  expect(parseParameters({ ...ofClass, ...ofClaim })).toEqual({
    poolName: 'LocalStorage_PoolHDD',
    pvcName: 'data-0',
    pvcNamespace: 'db',
    context: ofClass,
  });
});

test('what asks for nothing is let pass', () => {
  expect(parseParameters({ ...least, thin: 'false', encryptSecret: '' }).poolName).toBe('LocalStorage_PoolHDD');
});

const refused = (parameters: Record<string, string>): string => {
  try {
    parseParameters(parameters);
    return 'not refused';
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    return (error as Error).message;
  }
};

test.each([
  ['nothing given', {}, ['poolClass is missing', 'replicaNumber is missing']],
  ['an unknown class', { ...least, poolClass: 'SAS' }, ['poolClass is "SAS", and must be one of "HDD", "SSD", "NVMe"']],
  ['an unknown parameter', { ...least, poolclass: 'HDD' }, ['poolclass is not known; there are poolClass']],
  ['two unknown ones', { ...least, foo: '1', bar: '2' }, ['parameter foo ', 'parameter bar ']],
  ['two replicas', { ...least, replicaNumber: '2' }, ['replicaNumber is "2": only volumes with one replica']],
  ['DRBD from birth', { ...least, convertible: 'true' }, ['convertible is "true"', 'not made so far']],
  ['thin', { ...least, thin: 'true' }, ['thin is "true"']],
  ['encryption', { ...least, encryptSecret: 'a/b', encryptType: 'LUKS' }, ['encryptSecret', 'encryptType']],
  ['limits', { ...least, 'provision-iops-on-creation': '100' }, ['provision-iops-on-creation is "100"']],
])('%s is refused by name', (_why, parameters, words) => {
  const message = refused(parameters);
  for (const word of words) expect(message).toContain(word);
});

test('room can be asked about in one pool or in all', () => {
  expect(poolClassIn({})).toBeUndefined();
  expect(poolClassIn({ poolClass: 'SSD', whatever: '1' })).toBe('SSD');
  expect(() => poolClassIn({ poolClass: 'x' })).toThrow('poolClass is "x"');
});
