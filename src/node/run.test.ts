import { describe, expect, test } from 'vitest';
import { hostRun } from './run.ts';

const run = hostRun();
const { signal } = new AbortController();
/** A process that left its group stands for one in state D: the kill does not reach it, and it holds the pipes. */
const unkillable = (seconds: number): string => `setsid sleep ${seconds} & exec sleep 60`;
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

  test.each([0, 3])(
    'a command has ended when its process has, though what it started keeps the pipes (%i)',
    async (exitCode) => {
      const daemon = `sleep 8 & echo hi; echo oh >&2; exit ${exitCode}`;
      const done = await run('sh', ['-c', daemon], { signal, timeoutMs: 5000 });
      expect(done).toEqual({ exitCode, stdout: 'hi\n', stderr: 'oh\n' });
    },
  );

  test('what it printed is read also when we were busy at its end', async () => {
    const printing = run('sh', ['-c', 'sleep 8 & sleep 0.3; seq 3000'], { signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const busyUntil = performance.now() + 1500;
    while (performance.now() < busyUntil);
    expect((await printing).stdout).toMatch(/\n3000\n$/);
  });

  test('what a command printed last is read whole', async () => {
    const { stdout } = await run(...node('process.stdout.write("x".repeat(8 * 1024 * 1024))'), { signal });
    expect(stdout).toHaveLength(8 * 1024 ** 2);
  });

  test('starts nothing more on a device while one of its commands can’t be killed', async () => {
    const hang = (seconds: number) =>
      run('sh', ['-c', unkillable(seconds)], { signal, timeoutMs: 500, on: '/dev/sdx' });
    const both = [hang(4), hang(20)];
    for (const hung of both) await expect(hung).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await expect(run('true', [], { signal, on: '/dev/sdy' })).resolves.toMatchObject({ exitCode: 0 });
    const codes = (line: string) =>
      expect.objectContaining({ code: 'DEVICE_HUNG', stderr: expect.stringMatching(line) });
    await expect(run('true', [], { signal, on: '/dev/sdx' })).rejects.toEqual(codes('sleep 4 .*; .* sleep 20'));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await expect(run('true', [], { signal, on: '/dev/sdx' })).rejects.toEqual(codes('^(?!.*sleep 4 ).*sleep 20'));
  }, 20_000);

  test('a process that can’t be killed does not keep ours from ending', async () => {
    const script = `
      import { hostRun } from ${JSON.stringify(new URL('run.ts', import.meta.url).href)};
      const run = hostRun();
      const { signal } = new AbortController();
      const code = await run('sh', ['-c', ${JSON.stringify(unkillable(30))}], { signal, timeoutMs: 500, on: 'x' }).catch(({ code }) => code);
      console.log(code);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      signal,
      timeoutMs: 15_000,
    });
    expect(stdout).toBe('TIMED_OUT\n');
  }, 20_000);

  test('logs the command line, never what went to standard input', async () => {
    const lines: string[] = [];
    const logged = hostRun({ log: { debug: (fields, message) => lines.push(JSON.stringify({ ...fields, message })) } });
    await logged('cat', ['-'], { signal, input: 'hunter2' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"argv":["cat","-"]');
    expect(lines[0]).not.toContain('hunter2');
  });
});
