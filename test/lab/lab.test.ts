import { expect, test } from 'vitest';
import { refuseHiddenCheckout } from './lab.ts';

test('a checkout that nodes could not see is refused, with what to do', () => {
  expect(() => refuseHiddenCheckout('/tmp/clone/')).toThrow(/have a \/tmp\/ of their own. Clone it elsewhere/);
  expect(() => refuseHiddenCheckout('/home/me/tmp/clone/')).not.toThrow();
});
