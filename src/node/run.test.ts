import { describe, expect, test } from 'vitest';
import { hostRun } from './run.ts';

const run = hostRun();
const { signal } = new AbortController();
const node = (script: string): [string, string[]] => [process.execPath, ['-e', script]];

describe('running a host program', () => {
  test('gives exit status and both streams, whatever the status', async () => {
    const done = await run(...node('console.log("out"); console.error("err"); process.exitCode = 5'), { signal });
    expect(done).toEqual({ exitCode: 5, stdout: 'out\n', stderr: 'err\n' });
  });

  test('passes arguments as they are, with no shell between', async () => {
    const { stdout } = await run('printf', ['%s|', '$HOME', '`id`', 'a b', ''], { signal });
    expect(stdout).toBe('$HOME|`id`|a b||');
  });

  test('gives programs the C locale and nothing of our environment', async () => {
    const { stdout } = await run('env', [], { signal });
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual([
      'LC_ALL=C',
      'LVM_SUPPRESS_FD_WARNINGS=1',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ]);
  });

  test('closes standard input, so that a question ends instead of waiting', async () => {
    expect(await run('cat', [], { signal })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await run('cat', [], { signal, input: 'secret' })).toMatchObject({ stdout: 'secret' });
  });

  test('says that a program is missing', async () => {
    await expect(run('no-such-program', [], { signal })).rejects.toMatchObject({ code: 'TOOL_MISSING' });
    const inHost = hostRun({ prefix: ['env', '--'] });
    await expect(inHost('no-such-program', [], { signal })).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  });

  test('gives up after the timeout, also when a grandchild holds the pipes', async () => {
    const asked = run('sh', ['-c', 'sleep 60 & sleep 60'], { signal, timeoutMs: 20 });
    await expect(asked).rejects.toMatchObject({ code: 'TIMED_OUT', timedOut: true, outcomeUnknown: true });
  });

  test('gives up when the caller does, and starts nothing for one who gave up before', async () => {
    const caller = new AbortController();
    const asked = run('sleep', ['60'], { signal: caller.signal });
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED', outcomeUnknown: true });
    await expect(run('true', [], { signal: caller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('starts nothing more on a device whose last command can’t be killed, until that ends', async () => {
    // A process that left its group stands for one in state D: the kill does not reach it and it holds the pipes. It
    // needs the time to leave.
    const unkillable = 'setsid sleep 6 & exec sleep 60';
    const first = run('sh', ['-c', unkillable], { signal, timeoutMs: 1000, on: '/dev/sdx' });
    await expect(first).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await expect(run('true', [], { signal, on: '/dev/sdx' })).rejects.toMatchObject({ code: 'DEVICE_HUNG' });
    await expect(run('true', [], { signal, on: '/dev/sdy' })).resolves.toMatchObject({ exitCode: 0 });
  }, 15_000);

  test('logs the command line, never what went to standard input', async () => {
    const lines: string[] = [];
    const logged = hostRun({ log: { debug: (fields, message) => lines.push(JSON.stringify({ ...fields, message })) } });
    await logged('cat', ['-'], { signal, input: 'hunter2' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"argv":["cat","-"]');
    expect(lines[0]).not.toContain('hunter2');
  });
});
