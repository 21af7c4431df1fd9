/** A Worker that boots, and ends itself when it is to listen. */
import { expose } from "comlink";

expose({ boot: () => {}, serve: () => self.close() });
