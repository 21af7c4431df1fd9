/** A Worker whose module throws before it listens to anybody. */
throw new Error("no such module could be right");
