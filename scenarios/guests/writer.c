/* writer: stores one word every so many bytes of an area, sweep after sweep. wmem1 and wmem2 are the
 * two strides of the paper. */
#define WMEM_STRIDE_IS_GIVEN
#include "wmem.h"

int main(int argc, char **argv) {
  return wmem("writer", 0, argc, argv);
}
