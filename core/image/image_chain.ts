/**
 * Images that build on others: a child holds what was written since its parent, and says of every
 * other page that the parent has it. The link is over the parent's whole content, so a child is of
 * one parent and of no other, and a chain cannot go in circles.
 */
import { hex32 } from "../base/bits.ts";
import { identityOf } from "./codec.ts";
import {
  type Image,
  ImageError,
  type ImageManifest,
  type ImagePage,
  PAGE_BYTES,
  type ParentLink,
} from "./image.ts";
import type { ManifestFile, PageRun } from "./validate.ts";
import { refusal } from "./validate.ts";

/** What to do about a chain that does not hold. */
const ADVICE = "the pages it leaves to its parent are lost: restore from another checkpoint";

/** What tells the process of an image from all others, whatever number they were given. */
const processOf = ({ executable, process: { id, startedAt } }: ImageManifest): string =>
  `process ${id} of ${executable.sha256.slice(0, 16)}…, begun at ${startedAt}`;

/** Whether a page that an image lists so can be left to it. */
const holds = ({ content }: PageRun): boolean => content !== "executable";

/** Throws unless that manifest is the one a link means. `place`: of the child, for messages. */
export function checkIdentity(link: ParentLink, parent: ManifestFile, place: string): void {
  const found = identityOf(parent);
  if (found === link.identity) return;
  const expected = `its parent '${link.image}' of SHA-256 ${link.identity}`;
  throw refusal(place, expected, `one of SHA-256 ${found}`, ADVICE);
}

/**
 * Throws unless the parent is an earlier image of the same process, and has every page that the child
 * leaves to it: where a child is written, and again where it is read.
 */
export function checkChild({ manifest, pages }: Image, parent: ManifestFile, place: string): void {
  const [own, older] = [processOf(manifest), processOf(parent.manifest)];
  if (own !== older) throw refusal(place, `a parent of ${own}`, `one of ${older}`, ADVICE);
  const [now, before] = [manifest.taken.instructions, parent.manifest.taken.instructions];
  if (before > now) {
    const expected = `a parent of at most ${now} instructions`;
    throw refusal(place, expected, `one of ${before}`, ADVICE);
  }
  let index = 0;
  for (const { vpn, source } of pages) {
    if (source !== "parent") continue;
    const runs = parent.pages;
    while (index < runs.length && endOf(runs[index] as PageRun) <= vpn) index++;
    const run = runs[index];
    if (run !== undefined && run.first <= vpn && holds(run)) continue;
    const found = run !== undefined && run.first <= vpn ? "left to the executable" : "not there";
    const page = `${place}: page ${hex32(vpn * PAGE_BYTES)}`;
    throw refusal(page, "one that the parent has", `one that is ${found}`, ADVICE);
  }
}

const endOf = ({ first, count }: PageRun): number => first + count;

/** An image and the manifest file it was read from. */
export interface ReadImage {
  readonly image: Image;
  readonly file: ManifestFile;
}

/**
 * The image with every page in it, and no parent. `parentOf` reads the parent of a link; the error it
 * throws is told as one about this image. Throws {@linkcode ImageError}.
 */
export function squash(
  image: Image,
  place: string,
  parentOf: (link: ParentLink) => ReadImage,
): Image {
  const { parent: first, ...manifest } = image.manifest;
  if (first === undefined) return image;
  const pages = new Map(image.pages.map((page) => [page.vpn, page]));
  let open = image.pages.filter(({ source }) => source === "parent");
  let child = image;
  for (let link: ParentLink | undefined = first; link !== undefined;) {
    const { image: parent, file } = read(link, place, parentOf);
    checkIdentity(link, file, place);
    checkChild(child, file, `${place}: parent '${link.image}'`);
    const found = new Map(parent.pages.map((page) => [page.vpn, page]));
    for (const { vpn } of open) {
      const { bytes } = found.get(vpn) as ImagePage;
      if (bytes !== undefined) {
        pages.set(vpn, { ...pages.get(vpn) as ImagePage, source: "image", bytes });
      }
    }
    open = open.filter(({ vpn }) => pages.get(vpn)?.source === "parent");
    child = parent;
    link = parent.manifest.parent;
  }
  return { manifest, pages: [...pages.values()] };
}

function read(
  link: ParentLink,
  place: string,
  parentOf: (link: ParentLink) => ReadImage,
): ReadImage {
  try {
    return parentOf(link);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new ImageError(`${place}: its parent '${link.image}' cannot be read: ${error.message}`);
  }
}

/** Throws for an image that is not whole by itself. `place`: whose it is, for messages. */
export function mustBeWhole({ manifest: { parent } }: Image, place: string): void {
  if (parent === undefined) return;
  throw new ImageError(
    `${place}: expected an image with all its pages, found one that leaves pages to its parent ` +
      `'${parent.image}'; read it from the store that has both`,
  );
}
