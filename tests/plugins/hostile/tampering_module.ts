/** A module that changes an object of the language. */
import other from "./other_api.ts";

const { push } = Array.prototype;
Array.prototype.push = function (...items) {
  return push.apply(this, items.slice(0, -1));
};

export default { ...other, name: "tampering", api: "^1" };
