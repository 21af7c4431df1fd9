/** MMUCR, the register that says how addresses are translated (manual section 3.2). */

export const MMUCR_AT = 1;
export const MMUCR_TI = 1 << 2;
export const MMUCR_SV = 1 << 8;
export const MMUCR_SQMD = 1 << 9;
/** The UTLB entry that LDTLB loads next, six bits. */
export const URC_SHIFT = 10;
/** Where URC begins again, six bits; 0: after the last entry. */
export const URB_SHIFT = 18;
/** Six bits up to the top of the word. */
export const LRUI_SHIFT = 26;

/**
 * LRUI by entries of the ITLB: one bit for each pair of entries tells which was used later. Using an
 * entry clears and sets bits; it is the one to replace where LRUI & `mask` is `value`. Where none is,
 * which the manual forbids, the last one counts.
 */
export const LRUI = [
  { clear: 0b111000, set: 0, mask: 0b111000, value: 0b111000 },
  { clear: 0b000110, set: 0b100000, mask: 0b100110, value: 0b000110 },
  { clear: 0b000001, set: 0b010100, mask: 0b010101, value: 0b000001 },
  { clear: 0, set: 0b001011, mask: 0b001011, value: 0 },
] as const;

/** A row of the table above. */
export const lrui = (entry: number): (typeof LRUI)[number] => LRUI[entry] as (typeof LRUI)[number];
