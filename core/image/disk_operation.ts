/** What happens to a disk, as plain data: so that a disk can be kept elsewhere too. */

/** One change of a folder below the root; `folder` are the names that lead to it. */
export type DiskOperation =
  & { readonly folder: readonly string[] }
  & (
    | { readonly action: "create" | "syncFolder" }
    | { readonly action: "write"; readonly name: string; readonly bytes: Uint8Array }
    | { readonly action: "sync" | "remove" | "removeFolder"; readonly name: string }
    | { readonly action: "rename"; readonly name: string; readonly to: string }
  );

/** Told of every change of a disk. */
export type DiskJournal = (operation: DiskOperation) => void;
