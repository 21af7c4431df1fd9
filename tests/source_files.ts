/** The project's own TypeScript files, for tests that read source. */

/** Paths of every `.ts` file in the given folders and files, sorted. */
export function sourceFiles(roots: readonly string[]): string[] {
  const found: string[] = [];
  for (const root of roots) {
    if (root.endsWith(".ts")) found.push(root);
    else {
      for (const entry of Deno.readDirSync(root)) {
        const path = `${root}/${entry.name}`;
        if (entry.isDirectory) found.push(...sourceFiles([path]));
        else if (entry.name.endsWith(".ts")) found.push(path);
      }
    }
  }
  return found.sort();
}
