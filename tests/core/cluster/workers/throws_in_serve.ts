/** A Worker that opens what it is told to, and throws when the first round begins. */
import { expose } from "comlink";

expose({
  boot: () => {},
  open: () => ({}),
  serve: () => {
    throw new Error("it cannot serve");
  },
});
