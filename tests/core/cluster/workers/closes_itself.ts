/** A Worker that ends itself before it listens to anybody: no error is ever told. */
self.close();

export {};
