/** What names of a script turned out to be while it was checked, for who wants to tell about them. */
import type { Option } from "../core/mod.ts";
import type { Span } from "./source.ts";
import type { MetricEntry, Named, Role } from "./vocabulary.ts";

/** A row some name stands for. */
export type Known =
  | { readonly kind: "strategy"; readonly role: Role; readonly row: Named }
  | { readonly kind: "option"; readonly name: string; readonly option: Option }
  | { readonly kind: "metric"; readonly of: string; readonly row: MetricEntry };

/** Takes note of what stands at a place; of a call the place is all of it. */
export type TakeNote = (span: Span, known: Known) => void;
