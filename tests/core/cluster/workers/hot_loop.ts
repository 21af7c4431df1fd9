/** A machine that has run a short loop for long. */
import { assemble } from "../../../../core/isa/text.ts";
import { Machine } from "../../../../core/machine/machine.ts";
import { MMUCR_AT } from "../../../../core/machine/mmucr.ts";
import * as S from "../../../../core/machine/state.ts";

const PAGE = 0x00400000;

/** The machine, afterwards. */
export function hotLoop(): Machine {
  const machine = new Machine({ ramBytes: 1 << 20, hot: 100 });
  const code = new DataView(machine.ram.buffer, machine.ram.byteOffset);
  const lines = ["add #1,r1", "dt r2", `bf ${PAGE}`, "nop"];
  lines.forEach((line, n) => {
    code.setUint16(2 * n, assemble(line, PAGE + 2 * n, { PR: 0, SZ: 0 }), true);
  });
  machine.cpu.setSr(S.SR_MD);
  machine.mmu.setMmucr(MMUCR_AT);
  machine.setPteh(PAGE);
  machine.setPtel(S.RAM_START | 0x17c);
  machine.loadTlb();
  machine.pc = PAGE;
  machine.cpu.setR(2, 100_000);
  machine.run(50_000);
  return machine;
}
