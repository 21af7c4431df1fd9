/**
 * Images in the memory of other machines instead of on a disk: one hash of Redis for each image, its
 * fields the files that would stand in a folder. It is filled under another name and gets its own by
 * one rename, when as many replicas as are wanted have all of it; so a master that is lost meanwhile
 * takes no image with it that was there before, and leaves none that is half written.
 */
import { createClient, ErrorReply, RESP_TYPES } from "redis";
import { type EncodedFile, filesOf, ImageError, type ImageFiles } from "../core/mod.ts";
import { asLine } from "./exec_host.ts";

/** Where in the network an image is. */
export interface NetworkPlace {
  /** As it was written, for messages: without a password. */
  readonly shown: string;
  /** Addresses of the servers, a master and its replicas; any of them may be down. */
  readonly servers: readonly string[];
  readonly name: string;
}

const PLACE = /^(rediss?:\/\/)((?:[^@/]*@)?)([^/@]+)\/([\w.-]+)$/;

/**
 * Reads `redis://[user:password@]host[:port][,host[:port]…]/name`. Throws {@linkcode ImageError}.
 *
 * @example
 * ```ts
 * import { placeOf } from "./network_images.ts";
 * const { servers, name } = placeOf("redis://10.0.0.1:6379,10.0.0.2:6379/night");
 * if (name !== "night" || servers[1] !== "redis://10.0.0.2:6379") throw new Error("unreachable");
 * ```
 */
export function placeOf(text: string): NetworkPlace {
  const [, scheme = "", user = "", hosts = "", name = ""] = PLACE.exec(text) ?? [];
  const listed = hosts.split(",");
  if (name === "" || !isReadable(user) || !listed.every(isHost)) {
    // Whatever stands before an @ may be a password.
    throw new ImageError(
      `'${
        text.replace(/\/\/.*@/s, "//")
      }': expected redis://host:port/name, with several servers ` +
        "as host:port,host:port; a name has letters, digits, '.', '_' and '-'",
    );
  }
  const shown = `${scheme}${hosts}/${name}`;
  return { shown, name, servers: listed.map((host) => `${scheme}${user}${host}`) };
}

const isHost = (host: string): boolean =>
  /^[\w.-]+(:\d{1,5})?$/.test(host) && Number(host.split(":")[1] ?? 0) < 65_536;

/** What is written with % stands for characters. */
function isReadable(user: string): boolean {
  try {
    decodeURIComponent(user);
    return true;
  } catch {
    return false;
  }
}

const CONNECT_MS = 5_000;
/** A server that says nothing for so long, or for so much longer than it may, is as good as none. */
const SILENCE_MS = 5_000;
/** What a writing that was broken off leaves is gone after that time. */
const LEFTOVER_S = 3_600;

const keyOf = (name: string): string => `ckptlab:image:${name}`;

function clientOf(url: string, patienceMs: number) {
  const client = createClient({
    url,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: patienceMs + SILENCE_MS,
      reconnectStrategy: false,
    },
    disableOfflineQueue: true,
  });
  // What goes wrong is told by the command that it goes wrong in.
  client.on("error", () => {});
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

type Client = ReturnType<typeof clientOf>;

/** Lends the first server that will do; tells of all of them when none does. */
async function withServer<T>(
  place: NetworkPlace,
  use: (client: Client, server: string) => Promise<T | undefined>,
  otherwise: string,
  patienceMs = 0,
): Promise<T> {
  const told: string[] = [];
  let advice = "";
  for (const server of place.servers) {
    const shown = server.replace(/\/\/[^@]*@/, "//");
    const client = clientOf(server, patienceMs);
    try {
      await client.connect();
      const found = await use(client, shown);
      if (found !== undefined) return found;
      told.push(`${shown}: ${otherwise}`);
    } catch (error) {
      if (error instanceof ImageError) throw error;
      if (!(error instanceof ErrorReply)) advice = "; start a server, or name another";
      told.push(`${shown}: ${asLine(error)}`);
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
  throw new ImageError(`${place.shown}: ${told.join("; ")}${advice}`);
}

/** The replicas that follow a master; undefined for a replica. */
async function replicasOf(client: Client): Promise<number | undefined> {
  const text = String(await client.info("replication"));
  if (!/^role:master/m.test(text)) return undefined;
  return Number(/^connected_slaves:(\d+)/m.exec(text)?.[1] ?? 0);
}

/** How surely an image is to be kept. */
export interface Keeping {
  /** Replicas that must have it; all that follow the master by default. */
  readonly replicas?: number | undefined;
  /** How long they may take, in ms. */
  readonly patienceMs?: number | undefined;
}

const taken = ({ shown }: NetworkPlace): ImageError =>
  new ImageError(`${shown}: there is an image of that name already; name another`);

const NO_MASTER = "it is a replica, and a master is wanted";

/** Throws {@linkcode ImageError} when an image could not be saved there now. */
export const checkPlace = (place: NetworkPlace, { replicas = 0 }: Keeping = {}): Promise<true> =>
  withServer(place, async (client, server) => {
    const following = await replicasOf(client);
    if (following === undefined) return undefined;
    if (following < replicas) {
      throw new ImageError(
        `${server}: ${replicas} replicas are wanted and ${following} follow it: start them, or ask ` +
          "for fewer by --replicas",
      );
    }
    if (await client.exists(keyOf(place.name)) === 0) return true;
    throw taken(place);
  }, NO_MASTER);

/**
 * Saves the files of an image. When it returns, the image is on
 * the master and on as many replicas as it returns. Throws {@linkcode ImageError}; then there is no
 * image of that name, unless the message says otherwise.
 */
export function saveInNetwork(
  place: NetworkPlace,
  files: readonly EncodedFile[],
  { replicas, patienceMs = 10_000 }: Keeping = {},
): Promise<number> {
  return withServer(
    place,
    async (client, server) => {
      const following = await replicasOf(client);
      if (following === undefined) return undefined;
      const wanted = replicas ?? following;
      const confirmed = async (what: string, otherwise = async () => {}): Promise<void> => {
        const have = wanted === 0 ? 0 : await client.wait(wanted, patienceMs);
        if (have >= wanted) return;
        await otherwise();
        throw new ImageError(
          `${server}: ${have} of ${wanted} replicas have ${what} after ${patienceMs} ms: start them, ` +
            "or ask for fewer by --replicas",
        );
      };
      // Its own, whoever saves the same at the same time.
      const writing = `ckptlab:writing:${await client.incr("ckptlab:writings")}`;
      for (const { name, bytes } of files) {
        await client.hSet(writing, name, Buffer.from(bytes));
        await client.expire(writing, LEFTOVER_S);
      }
      await confirmed("the pages", async () => void await client.del(writing));
      if (!await nameIt(client, writing, place)) {
        await client.del(writing);
        throw taken(place);
      }
      await confirmed("its name, and it is not on all of them");
      return wanted;
    },
    NO_MASTER,
    patienceMs,
  );
}

/** Whether the name was free. What comes of it when the master is lost just now, nobody knows. */
async function nameIt(client: Client, writing: string, place: NetworkPlace): Promise<boolean> {
  try {
    const [, isNamed] = await client.multi().persist(writing)
      .renameNX(writing, keyOf(place.name)).exec();
    return Number(isNamed) === 1;
  } catch (error) {
    throw new ImageError(
      `${place.shown}: ${asLine(error)}, as the image got its name; it may be there, and whole: ` +
        "--restore tells",
    );
  }
}

/** The files of an image, from the first server that has it. Throws {@linkcode ImageError}. */
export function loadFromNetwork(place: NetworkPlace): Promise<ImageFiles> {
  return withServer(place, async (client) => {
    const fields = await client.hGetAll(keyOf(place.name)) as unknown as Record<string, Buffer>;
    const files = Object.entries(fields).map(([name, bytes]) => (
      { name: String(name), bytes: new Uint8Array(bytes) }
    ));
    return files.length === 0 ? undefined : filesOf(files, place.shown);
  }, `there is no image '${place.name}'`);
}
