import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { apiServerContract } from '../contract/api-server.contract.ts';
import { Box } from '../contract/box.ts';
import { type Break, brokenApiServers } from '../contract/broken-api-servers.ts';
import { garbageCollectorContract } from '../contract/garbage-collector.contract.ts';
import { casesOf } from '../contract/suite.ts';

// A contract is worth as much as what it notices: each of its cases must fail against a server that breaks it.

/** A case that waits for so long waits for something that never comes. */
const patienceMs = 2000;

/** The cases of both contracts against servers of this kind, each against one of its own, so that they may run at once. */
function cases(breaks: Break) {
  let clock = virtualClock();
  let server = inMemoryApiServer({ clock, resources: [Box] });
  const connect = () => {
    clock = virtualClock();
    server = inMemoryApiServer({ clock, resources: [Box] });
    return breaks(server.client());
  };
  const controls = { advance: (ms: number) => clock.advance(ms), compact: () => server.compact() };
  return casesOf((suite) => {
    apiServerContract(connect, controls, suite);
    garbageCollectorContract(connect, patienceMs / 2, suite);
  });
}

const caseNames = cases((client) => client).map(({ name }) => name);

/** @returns the names of the cases that fail */
async function noticedBy(breaks: Break): Promise<string[]> {
  const ends = await Promise.allSettled(caseNames.map((_, index) => inTime(cases(breaks)[index]!.run())));
  return caseNames.filter((_, index) => ends[index]!.status === 'rejected');
}

async function inTime(run: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('hangs')), patienceMs);
  await Promise.race([run, late.promise]).finally(() => clearTimeout(timer));
}

describe('the contract of API servers', () => {
  const noticed = new Map<string, string[]>();

  beforeAll(async () => {
    for (const [name, breaks] of Object.entries(brokenApiServers)) noticed.set(name, await noticedBy(breaks));
  }, 120_000);

  test('holds for the sound server', async () => {
    expect(await noticedBy((client) => client)).toEqual([]);
  });

  test.each(Object.keys(brokenApiServers))('notices a server that %s', (name) => {
    expect(noticed.get(name)).not.toEqual([]);
  });

  test('has no case that holds for every broken server', () => {
    const useful = new Set([...noticed.values()].flat());
    expect(caseNames.filter((name) => !useful.has(name))).toEqual([]);
  });
});
