/** A Worker in which the engines differ. */
import { mistaken } from "../mistaken_engine.ts";

mistaken();
await import("../../../../plugins/worker.ts");
