/** The project's own files, for tests that read them. */

/** Paths of every `.ts` file, or of those with another ending, in the given folders and files, sorted. */
export function sourceFiles(roots: readonly string[], ending = ".ts"): string[] {
  const found: string[] = [];
  for (const root of roots) {
    if (root.endsWith(ending)) found.push(root);
    else {
      for (const entry of Deno.readDirSync(root)) {
        const path = `${root}/${entry.name}`;
        if (entry.isDirectory) found.push(...sourceFiles([path], ending));
        else if (entry.name.endsWith(ending)) found.push(path);
      }
    }
  }
  return found.sort();
}
