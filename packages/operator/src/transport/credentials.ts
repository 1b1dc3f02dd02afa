import { readFile } from 'node:fs/promises';
import type { Connection } from './connection.ts';

const tokenAgeMs = 60_000;

/** The Authorization header of a connection, kept fresh. */
export class Credentials {
  readonly #connection: Connection;
  #token: string | undefined;
  #readAt = -Infinity;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async authorization(): Promise<string | undefined> {
    const { token, tokenFile, authorization } = this.#connection;
    if (authorization !== undefined) return authorization();
    if (tokenFile === undefined) return token === undefined ? undefined : `Bearer ${token}`;
    if (performance.now() - this.#readAt >= tokenAgeMs) {
      this.#token = await readToken(tokenFile, this.#token);
      this.#readAt = performance.now();
    }
    return `Bearer ${this.#token}`;
  }

  /** The server refused: look for a newer token. @returns whether there can be one */
  refresh(): boolean {
    this.#readAt = -Infinity;
    return this.#connection.tokenFile !== undefined;
  }
}

/** A token outlives its file by far: one that can't be read just now is no reason to stop. */
async function readToken(file: string, last: string | undefined): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (last === undefined) throw error;
    return last;
  }
}
