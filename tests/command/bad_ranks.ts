/** Command lines of `exec --ranks` that must be refused. */
import { EXIT } from "../../dsl/exit.ts";
import type { BadRow, More } from "./bad_row.ts";
import { guest } from "./workshop.ts";

const row = (args: string, says: string, more: More = {}): BadRow => ({
  name: `ranks: ${args}`,
  args: args.split(" "),
  files: () => ({ "good.elf": guest("ring"), "bank.elf": guest("bank"), "file": "text\n" }),
  exit: EXIT.usage,
  says: says.split("|"),
  ...more,
});

const GOOD = "@/good.elf 2";
const TWO = "exec --ranks 2";
const SAVED = `${TWO} --checkpoint-at 1ms`;

export const BAD_RANKS: readonly BadRow[] = [
  row(`exec --ranks`, "--ranks needs a value: N"),
  row(`exec --ranks many ${GOOD}`, "--ranks takes a whole number, not 'many'"),
  row(`exec --ranks 0 ${GOOD}`, "--ranks takes 1 to 1024, not 0"),
  row(`exec --ranks 1025 ${GOOD}`, "--ranks takes 1 to 1024, not 1025"),
  row(TWO, "exec --ranks needs a program", { child: true }),
  row(`exec --nodes 2 ${GOOD}`, "--nodes goes with --ranks"),
  row(`exec --latency 1ms ${GOOD}`, "--latency goes with --ranks"),
  row(`exec --order any ${GOOD}`, "--order goes with --ranks"),
  row(`exec --crash-at 1ms ${GOOD}`, "--crash-at goes with --ranks"),
  row(`exec --workers 2 ${GOOD}`, "--workers goes with --ranks"),
  row(`${TWO} --nodes 3 ${GOOD}`, "--nodes takes 1 to 2, not 3"),
  row(`${TWO} --latency 5 ${GOOD}`, "--latency takes a time such as 50us, or a range|not '5'"),
  row(`${TWO} --latency 1us..2us..3us ${GOOD}`, "--latency takes a time such as 50us"),
  row(`${TWO} --latency 1us.. ${GOOD}`, "--latency takes a time such as 50us"),
  row(`${TWO} --latency 9us..2us ${GOOD}`, "--latency 9us..2us: the range is empty"),
  row(`${TWO} --latency 10ns ${GOOD}`, "--latency takes at least 1us, not '10ns'"),
  row(`${TWO} --order some ${GOOD}`, "--order takes fifo, any, not 'some'"),
  row(`${TWO} --ram 5GiB ${GOOD}`, "--ram takes a size from 1MiB to 512MiB, not '5GiB'"),
  row(`${TWO} --ram 5ms ${GOOD}`, "--ram takes a size from 1MiB to 512MiB, not '5ms'"),
  row(`${TWO} --seed x ${GOOD}`, "--seed takes a whole number, not 'x'"),
  row(`${TWO} --workers all ${GOOD}`, "--workers takes a whole number up to 256, or auto"),
  row(`${TWO} --max-time 5 ${GOOD}`, "--max-time takes a time such as 10s, not '5'"),
  row(`${TWO} --checkpoint-at 5000 ${GOOD}`, "--checkpoint-at takes a virtual time such as 5ms"),
  row(`${SAVED} --crash-at soon ${GOOD}`, "--crash-at takes a virtual time such as 5ms"),
  row(`${TWO} --crash-at 5ms ${GOOD}`, "--crash-at goes with --checkpoint-at"),
  row(`${TWO} --protocol cls-flush ${GOOD}`, "--protocol goes with --checkpoint-at"),
  row(`${TWO} --option timeout=1s ${GOOD}`, "--option goes with --checkpoint-at"),
  row(`exec --option timeout=1s ${GOOD}`, "--option goes with --ranks"),
  row(
    `${SAVED} --protocol park_yeom --option patern=ring ${GOOD}`,
    "the protocol 'park-yeom' has no option 'patern'|did you mean 'pattern'?",
  ),
  row(`${TWO} --checkpointer concurrent-cow ${GOOD}`, "--checkpointer goes with --checkpoint-at"),
  row(
    `${SAVED} --protocol cls-flsh ${GOOD}`,
    "there is no protocol 'cls-flsh'|did you mean 'cls_flush'?",
  ),
  row(`${SAVED} --checkpointer fast ${GOOD}`, "there is no checkpointer 'fast'"),
  row(
    `${SAVED} --protocol cls_flush --order any ${GOOD}`,
    "--order any: the protocol 'cls-flush' requires channels with order fifo",
  ),
  row(`${TWO} --mount /data=@/ ${GOOD}`, "--mount does not go with --ranks: "),
  row(`${TWO} --strace ${GOOD}`, "--strace does not go with --ranks: "),
  row(`${TWO} --budget 9 ${GOOD}`, "--budget does not go with --ranks: |name a --max-time"),
  row(`${SAVED} --image @/new ${GOOD}`, "--image does not go with --ranks: "),
  row(`${TWO} --compress ${GOOD}`, "--compress does not go with --ranks: "),
  row(`${TWO} --restore @/image`, "--restore does not go with --ranks: "),
  row(`${TWO} @/none.elf`, "cannot read the program '@/none.elf': there is no such file", {
    exit: EXIT.script,
  }),
  row(`${TWO} /dev/zero`, "cannot read the program '/dev/zero': it is a device", {
    exit: EXIT.script,
  }),
  row(`${TWO} @/file`, "ELF header: expected |found ", { exit: EXIT.script }),
  row(
    `${SAVED} --crash-at 1ms @/bank.elf`,
    "'rank0' cannot be restarted: no checkpoint of it that was committed",
    { exit: EXIT.script },
  ),
];
