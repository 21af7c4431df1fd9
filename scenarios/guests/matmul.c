/* matmul: the product of two square matrices by the plain triple loop.
 *
 * Reads much and writes little: a row of the product at a time, page after page. Both element
 * types multiply the same matrices; "float" uses the processor in single precision (FMAC), where
 * every switch between the precisions is a change of FPSCR. */
#include <stddef.h>
#include <stdint.h>

#include "runtime/arguments.h"
#include "runtime/checksum.h"
#include "runtime/heap.h"
#include "runtime/print.h"
#include "runtime/process.h"
#include "runtime/quarter.h"
#include "runtime/random.h"

#define ELEMENT double
#define MATMUL matmul_double
#include "matmul_element.h"

#define ELEMENT float
#define MATMUL matmul_float
#include "matmul_element.h"

int main(int argc, char **argv) {
  struct arguments arguments = arguments_begin("matmul", "[size=64 [double|float]]", argc, argv);
  uint32_t size = arguments_number(&arguments, "size", 64, 1, 1024);
  int is_float = arguments_choice(&arguments, "element", "double", "float");
  arguments_end(&arguments);

  print("matmul: %u x %u of %s\n", size, size,
        is_float ? "float" : "double");
  if (is_float) {
    matmul_float(size);
  } else {
    matmul_double(size);
  }
  return EXIT_GOOD;
}
