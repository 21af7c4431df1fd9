/** A module that changes an object of the language, and takes longer than `late_module.ts`. */
import other from "./other_api.ts";

Reflect.set(Array.prototype, "own", () => {});
await new Promise((resolve) => setTimeout(resolve, 200));

export default { ...other, name: "late-tampering", api: "^1" };
