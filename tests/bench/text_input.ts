/** Text for programs to work on: the same everywhere, and about as regular as what people write. */
import { RandomStream } from "../../core/base/random.ts";

const SYLLABLES = ["ba", "con", "der", "el", "fi", "gra", "hu", "in", "ka", "lo", "me", "no", "or"];
const WORDS = 4000;

function makeWords(random: RandomStream): readonly string[] {
  return Array.from({ length: WORDS }, () => {
    const count = 1 + random.below(4);
    return Array.from({ length: count }, () => SYLLABLES[random.below(SYLLABLES.length)]).join("");
  });
}

/** Numbered lines of words, the first words of the list far more often than the last. */
export function textOf(bytes: number): string {
  const random = RandomStream.of(1, "bench", "text");
  const words = makeWords(random);
  const lines: string[] = [];
  for (let length = 0, number = 1; length < bytes; number++) {
    const count = 4 + random.below(12);
    const line = Array.from(
      { length: count },
      () => words[random.below(1 + random.below(1 + random.below(WORDS)))],
    );
    lines.push(`${number} ${line.join(" ")}.\n`);
    length += (lines.at(-1) as string).length;
  }
  return lines.join("");
}
