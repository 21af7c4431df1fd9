/* wmem1: stores one word every 2048 bytes of an area, sweep after sweep: two words a page, one in
 * either half. */
#include "wmem.h"

int main(int argc, char **argv) {
  return wmem("wmem1", 2048, argc, argv);
}
