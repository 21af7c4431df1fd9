/** Where `exec` keeps an image and finds it again: a folder, or the memory of other machines. */
import {
  decode,
  DenoDirectory,
  encode,
  holdsImage,
  type Image,
  ImageError,
  writeFolder,
} from "../core/mod.ts";
import { nearest, seen, Trouble } from "./exec_host.ts";
import { EXIT } from "./exit.ts";
import { isNetwork } from "./exec_flags.ts";
import type { ExecRequest, Host } from "./host.ts";

/** Only who asks for it pays for the client. */
const network = () => import("./network_images.ts");

function checkFolder(folder: string): void {
  const refused = (why: string) => new Trouble(`--image ${folder}: ${why}`, EXIT.usage);
  try {
    const there = nearest(folder);
    if (!Deno.statSync(there).isDirectory) throw refused(`'${there}' is no folder; name another`);
    // Whether something can be written is known when something was.
    Deno.removeSync(Deno.makeTempDirSync({ dir: there, prefix: ".ckptlab-" }));
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw refused(`nothing can be written there (${seen(error)}); name another folder`);
  }
  const directory = new DenoDirectory(folder);
  if (directory.exists() && holdsImage(directory)) {
    throw refused("the folder holds an image already; name another");
  }
}

/** Looks at the place before the program runs, so that no work is lost. */
export async function checkImagePlace({ image, replicas }: ExecRequest): Promise<void> {
  if (image === undefined) return;
  if (!isNetwork(image)) return checkFolder(image);
  try {
    const { checkPlace, placeOf } = await network();
    await checkPlace(placeOf(image), { replicas });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new Trouble(`--image ${error.message}`, EXIT.usage);
  }
}

/** Saves an image where the request says, and says what it is. */
export async function saveImage(image: Image, request: ExecRequest, host: Host): Promise<void> {
  const place = request.image as string;
  const options = { compression: request.compress ? "zstd" : "none" } as const;
  if (!isNetwork(place)) {
    const { bytes, storedPages, executablePages } = writeFolder(place, image, options);
    host.stderr(
      `checkpoint in '${place}': ${bytes} bytes, ${storedPages} pages, ` +
        `${executablePages} left to the executable\n`,
    );
    return;
  }
  const { placeOf, saveInNetwork } = await network();
  const files = encode(image, options), at = placeOf(place);
  const { replicas } = request;
  const have = await saveInNetwork(at, files, { replicas });
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  host.stderr(
    `checkpoint in '${at.shown}': ${bytes} bytes, on the master and ${have} ` +
      `${have === 1 ? "replica" : "replicas"}\n`,
  );
}

/** The image at a place, validated. Throws `ImageError`. */
export async function loadImage(place: string): Promise<Image> {
  if (!isNetwork(place)) return decode(new DenoDirectory(place));
  const { loadFromNetwork, placeOf } = await network();
  return decode(await loadFromNetwork(placeOf(place)));
}
