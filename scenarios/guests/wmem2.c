/* wmem2: stores one word every 4096 bytes of an area, sweep after sweep: one word a page. */
#include "wmem.h"

int main(int argc, char **argv) {
  return wmem("wmem2", 4096, argc, argv);
}
