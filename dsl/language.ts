/** The version of the language; the number behind `ckpt`. */
export const LANGUAGE = 1;
