/** Files of the host, as a guest may see them where the caller mounts them. */
import type { HostEntry, HostProvider } from "../core/mod.ts";

/** A file or folder of the host, for reading. Paths inside it are relative; "" is itself. */
export function hostFiles(root: string): HostProvider {
  const at = (path: string): string => path === "" ? root : `${root}/${path}`;
  return {
    stat: (path): HostEntry | undefined => {
      try {
        const { isDirectory, isFile, mode, mtime } = Deno.statSync(at(path));
        // A device or a pipe has no content to show, and asking for it may take for ever.
        if (isDirectory) Deno.readDirSync(at(path))[Symbol.iterator]().next();
        else if (isFile) Deno.openSync(at(path)).close();
        else return undefined;
        return {
          kind: isDirectory ? "directory" : "file",
          ...(mode === null ? {} : { permissions: mode & 0o777 }),
          ...(mtime === null ? {} : { modifiedSeconds: mtime.getTime() / 1000 }),
        };
      } catch {
        return undefined; // not there, or not ours to read: the guest sees ENOENT
      }
    },
    read: (path) => Deno.readFileSync(at(path)),
    list: (path) => [...Deno.readDirSync(at(path))].map(({ name }) => name),
  };
}
