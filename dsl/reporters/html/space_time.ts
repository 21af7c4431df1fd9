/** Space-time diagrams of a cell: pictures other parts of the program drew. */
import type { Attachment } from "../../../core/mod.ts";
import type { CellReport } from "../../gather.ts";
import { html, type Markup, NO_MARKUP, scroller } from "./markup.ts";

/** The kind of such an artefact. */
const KIND = "spacetime";

/** Pictures in a page; each is as long as the rest of a cell, five times. */
const MOST = 60;

/** Keeps the pictures a page will show, as they are told. */
export class Pictures {
  readonly #found = new Map<string, string>();

  /** By path. */
  get found(): ReadonlyMap<string, string> {
    return this.#found;
  }

  take({ path, text }: Pick<Attachment, "path" | "text">): void {
    if (path.endsWith(".svg") && this.#found.size < MOST) this.#found.set(path, text);
  }
}

/** As a picture of its own: whatever is in it stays in it. */
function dataUrl(svg: string): string {
  const bytes = new TextEncoder().encode(svg);
  return `data:image/svg+xml;base64,${
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
  }`;
}

/** The pictures of a cell; of others than the first cells the page only names the files. */
export function spaceTime(cell: CellReport, files: ReadonlyMap<string, string>): Markup {
  const drawn = cell.artefacts.filter(({ kind }) => kind === KIND).flatMap(({ path }) => {
    const svg = files.get(path);
    return svg === undefined ? [] : [{ path, svg }];
  });
  if (drawn.length === 0) return NO_MARKUP;
  return html`${
    drawn.map(({ path, svg }) => {
      const said = `Space-time diagram of ${cell.cell}: processes as lanes, time going down, ` +
        "messages, checkpoints and crashes. The steps are listed below.";
      return html`
        <figure class="spacetime">
          <figcaption>Space-time diagram</figcaption>
          ${scroller("Space-time diagram", html`<img src="${dataUrl(svg)}" alt="${said}">`)}
          <p class="place">${path}</p>
        </figure>
      `;
    })
  }`;
}
