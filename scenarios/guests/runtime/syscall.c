/* The door to the kernel: the trap itself. */
#include "syscall.h"

long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r3 __asm__("r3") = number;
  register long r4 __asm__("r4") = a;
  register long r5 __asm__("r5") = b;
  register long r6 __asm__("r6") = c;
  register long r7 __asm__("r7") = d;
  register long r0 __asm__("r0") = e;
  register long r1 __asm__("r1") = f;
  __asm__ volatile("trapa #31"
                   : "+r"(r0)
                   : "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7), "r"(r1)
                   : "memory");
  return r0;
}
