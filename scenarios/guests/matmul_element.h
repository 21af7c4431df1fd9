/* matmul for one element type: included once for each, with ELEMENT the type and MATMUL the name
 * of the function. */

static void MATMUL(size_t size) {
  size_t count = size * size, bytes = count * sizeof(ELEMENT);
  ELEMENT *a = heap_take(bytes), *b = heap_take(bytes), *c = heap_take(bytes);
  struct random random = random_begin();
  for (size_t i = 0; i < count; i++) a[i] = (ELEMENT)random_unit(&random);
  for (size_t i = 0; i < count; i++) b[i] = (ELEMENT)random_unit(&random);

  struct quarter quarter = quarter_begin(size);
  for (size_t row = 0; row < size; row++) {
    for (size_t column = 0; column < size; column++) {
      ELEMENT sum = 0;
      for (size_t k = 0; k < size; k++) sum += a[row * size + k] * b[k * size + column];
      c[row * size + column] = sum;
    }
    if (quarter_passed(&quarter, row + 1)) {
      print("matmul: row %u of %u ends in %.9f\n", (row + 1),
            size, (double)c[row * size + size - 1]);
    }
  }

  struct checksum checksum = {0, 0};
  checksum_area(&checksum, c, bytes);
  print("matmul: first %.9f, middle %.9f, last %.9f\n", (double)c[0], (double)c[count / 2],
        (double)c[count - 1]);
  print("matmul: checksum %016llx\n", checksum_value(&checksum));
}

#undef ELEMENT
#undef MATMUL
