import { test } from '@fast-check/vitest';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { sha256 } from './sha256.ts';

test.prop([fc.string({ unit: 'binary', maxLength: 200 })])(
  'the digest of any text is that of Web Crypto',
  async (text) => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'));
    expect(sha256(text)).toBe(hex.join(''));
  },
);
