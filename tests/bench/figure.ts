/** Figures: samples with a name and a unit, and the sheet they are told on, as text and as JSON. */

/** One figure: what it is, in which unit, and every sample. */
export interface Figure {
  readonly part: string;
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
}

/** Something that was not measured here. */
export interface Skip {
  readonly what: string;
  readonly why: string;
}

/** The least, the middle and the greatest of some samples. */
export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** Between two middle ones the median is their mean. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [minimum, maximum] = [sorted[0], sorted.at(-1)];
  if (minimum === undefined || maximum === undefined) throw new Error("a figure needs a sample");
  const above = sorted[sorted.length >> 1] as number;
  const below = sorted[(sorted.length - 1) >> 1] as number;
  return { minimum, median: (below + above) / 2, maximum };
}

const NAME = 68, NUMBER = 10;

const show = (value: number): string => {
  const text = value.toPrecision(4);
  // Beyond four digits before the point precision would become an exponent.
  return (text.includes("e+") ? value.toFixed(0) : text).padStart(NUMBER);
};

const row = (name: string, numbers: readonly string[], unit: string): string =>
  `${name.padEnd(NAME)} ${numbers.join(" ")}  ${unit}`.trimEnd();

/** The line above the figures. */
export const HEADING = row(
  "",
  ["minimum", "median", "maximum"].map((word) => word.padStart(NUMBER)),
  "unit",
);

/** One line of the table. */
export function figureLine({ name, unit, samples }: Figure): string {
  const { minimum, median, maximum } = spreadOf(samples);
  return row(name, [minimum, median, maximum].map(show), unit);
}

/** Where figures go as they come. */
export class Sheet {
  readonly figures: Figure[] = [];
  readonly skips: Skip[] = [];
  private part = "";

  /** `print` takes a line of the result, `progress` one for whoever waits. */
  constructor(
    private readonly print: (line: string) => void,
    readonly progress: (line: string) => void,
  ) {}

  /** What comes now belongs to that part. */
  begin(part: string, title: string): void {
    this.part = part;
    this.print(`\n${part}: ${title}`);
  }

  figure(name: string, unit: string, samples: readonly number[]): void {
    const figure = { part: this.part, name, unit, samples };
    this.figures.push(figure);
    this.print(figureLine(figure));
  }

  skip(what: string, why: string): void {
    this.skips.push({ what, why });
    this.print(`skipped ${what}: ${why}`);
  }

  /** Something that is to be read with the figures above it. */
  remark(text: string): void {
    this.print(`  ${text}`);
  }

  /** All of it as plain data; `about` says where and how it was measured. */
  record(about: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const figures = this.figures.map((figure) => ({ ...figure, ...spreadOf(figure.samples) }));
    return { ...about, figures, skipped: this.skips };
  }
}
