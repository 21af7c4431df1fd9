/** Servers of Redis for tests: on free ports of this machine, in memory alone. */

const CANDIDATES = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"];

/** Where the server is, or nothing: it is a package of the system, not of this project. */
export const REDIS: string | undefined = CANDIDATES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** A port that nobody listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits for something that comes soon. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what}: waited in vain`);
}

/** Asks a server one thing in its own language; the raw answer. */
async function ask(port: number, ...words: readonly string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
  await connection.write(new TextEncoder().encode(`*${words.length}\r\n${text}`));
  const buffer = new Uint8Array(65536);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

/** A server that runs until it is killed or left. */
export class RedisServer implements AsyncDisposable {
  private constructor(readonly port: number, private readonly child: Deno.ChildProcess) {}

  /** A master, or the replica of one that has caught up with it. */
  static async start(folder: string, master?: RedisServer): Promise<RedisServer> {
    const port = freePort();
    const follows = master === undefined ? [] : ["--replicaof", "127.0.0.1", String(master.port)];
    const child = new Deno.Command(REDIS as string, {
      args: [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
        ...["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"],
        ...follows,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new RedisServer(port, child);
    await until("a server", async () => (await server.ask("ping")).includes("PONG"));
    if (master === undefined) return server;
    await until(
      "a replica",
      async () => (await server.ask("info", "replication")).includes("master_link_status:up"),
    );
    return server;
  }

  ask(...words: readonly string[]): Promise<string> {
    return ask(this.port, ...words);
  }

  /** As a power failure ends it. */
  async kill(): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.child.status;
  }

  /** It stands still, and is there all the same, until what this returns is left. */
  halt(): AsyncDisposable {
    this.child.kill("SIGSTOP");
    return {
      [Symbol.asyncDispose]: () => {
        this.child.kill("SIGCONT");
        return Promise.resolve();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
