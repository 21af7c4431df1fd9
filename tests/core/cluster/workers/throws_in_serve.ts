/** A Worker that boots, and throws when it is to listen. */
import { expose } from "comlink";

expose({
  boot: () => {},
  serve: () => {
    throw new Error("it cannot serve");
  },
});
