/** MPI programs nobody here wrote, and what they print when run natively by another library. */

/** One program, how it is run, and what must come of it. */
export interface MpiCase {
  readonly name: string;
  readonly args: readonly string[];
  /** What it reads from standard input. */
  readonly input?: string;
  /** Processes. */
  readonly size: number;
  /** Each must occur in what the processes print, taken together. */
  readonly prints: readonly (string | RegExp)[];
  /** Exit code of every process. */
  readonly code?: number;
  /** It takes minutes: run on request alone. */
  readonly slow?: boolean;
}

/** `count` numbers as a pattern that allows any white space between them. */
const column = (...numbers: number[]): RegExp =>
  new RegExp(numbers.map((number, at) => `${at}\\s+${number}\\n`).join(""));

/** One line a rank. */
const eachRank = (size: number, line: (rank: number) => string): string[] =>
  Array.from({ length: size }, (_, rank) => line(rank));

/** Figures of mpich 4.0.2 and openmpi 4.1.4 on x86-64, where they are not the program's own check. */
export const MPI_CASES: readonly MpiCase[] = [
  { name: "is", args: ["4", "S"], size: 4, prints: [/Verification\s+=\s+SUCCESSFUL/] },
  { name: "is", args: ["2", "S"], size: 2, prints: [/Verification\s+=\s+SUCCESSFUL/] },
  {
    name: "ep",
    args: ["4", "S"],
    size: 4,
    slow: true,
    prints: [
      "Pairs =13176389",
      /Verification\s+=\s+SUCCESSFUL/,
      column(6140517, 5865300, 1100361, 68546, 1648, 17),
    ],
  },
  {
    name: "dt",
    args: ["5", "S", "BH"],
    size: 5,
    code: 1, // its main returns 1 when all is well
    prints: ["L2 Norm = 30892725", /Verification\s+=\s+SUCCESSFUL/],
  },
  {
    name: "cpi",
    args: [],
    size: 4,
    prints: [
      "pi is approximately 3.1415926544231239, Error is 0.0000000008333307",
      ...eachRank(4, (rank) => `Process ${rank} of 4 is on node${rank}`),
    ],
  },
  {
    name: "icpi",
    args: [],
    input: "100\n1000\n0\n",
    size: 4,
    prints: ["pi is approximately 3.1416009869231249", "pi is approximately 3.1415927369231267"],
  },
  {
    name: "pmandel",
    args: ["-i", "-xscale", "40", "-yscale", "40", "-out", "/tmp/image.ppm"],
    input: "-2 -1 1 1 100\n0 0 0 0 0\n",
    size: 4,
    prints: ["x0,y0 = (-2.000000, -1.000000) x1,y1 = (1.000000,1.000000) max_iter = 100"],
  },
  {
    name: "hellow",
    args: [],
    size: 4,
    prints: eachRank(4, (rank) => `Hello world from process ${rank} of 4`),
  },
  {
    name: "srtest",
    args: [],
    size: 4,
    prints: eachRank(4, (rank) => `${rank} received 'hello there'`),
  },
  {
    name: "ring_c",
    args: [],
    size: 4,
    prints: ["Process 0 decremented value: 0", ...eachRank(4, (rank) => `Process ${rank} exiting`)],
  },
  { name: "connectivity_c", args: [], size: 6, prints: ["test on 6 processes PASSED"] },
  {
    name: "hello_c",
    args: [],
    size: 3,
    prints: eachRank(3, (rank) => `Hello, world, I am ${rank} of 3`),
  },
];
