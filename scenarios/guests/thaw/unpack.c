/* Unpacks a zlib stream: RFC 1950 around RFC 1951. Small before fast; what comes out goes to
 * stretches of memory that lie anywhere, so the last 32 KiB are kept beside them for repetitions. */
#include "thaw.h"

enum { WINDOW = 32768, MOST_BITS = 15, LITERALS = 288, DISTANCES = 32, ADLER = 65521 };
enum { QUICK_BITS = 9, QUICK = 1 << QUICK_BITS };

/* A canonical Huffman code: how many codes there are of each length, and their symbols in order; and
 * for the bits that come next the symbol and the length of its code, unless that is long. */
struct code {
  uint16_t counts[MOST_BITS + 1];
  uint16_t symbols[LITERALS];
  uint16_t quick[QUICK];
};

struct stream {
  const uint8_t *in;
  uint32_t bits, held;
  const struct run *run, *end;
  uint8_t *out, *out_end;
  uint32_t position, sum, sums;
  int broken;
  uint8_t window[WINDOW];
};

/* At least so many bits are held then, at most 24; whole bytes of them may be given back. */
static inline void hold(struct stream *s, uint32_t count) {
  while (s->held < count) {
    s->bits |= (uint32_t)*s->in++ << s->held;
    s->held += 8;
  }
}

static inline void drop(struct stream *s, uint32_t count) {
  s->bits >>= count;
  s->held -= count;
}

static void give_back(struct stream *s) {
  s->in -= s->held >> 3;
  s->bits = s->held = 0;
}

static uint32_t take(struct stream *s, uint32_t count) {
  hold(s, count);
  uint32_t value = s->bits & ((1u << count) - 1);
  drop(s, count);
  return value;
}

static inline void put(struct stream *s, uint32_t byte) {
  while (s->out == s->out_end) {
    if (s->run == s->end) {
      s->broken = 1;
      return;
    }
    s->out = s->run->at;
    s->out_end = s->out + s->run->length;
    s->run++;
  }
  s->window[s->position++ & (WINDOW - 1)] = (uint8_t)byte;
  *s->out++ = (uint8_t)byte;
  s->sum += byte;
  if (s->sum >= ADLER) s->sum -= ADLER;
  s->sums += s->sum;
  if (s->sums >= ADLER) s->sums -= ADLER;
}

/* The first bit of a code is the lowest of those that come next. */
static void add_quick(struct code *code, uint32_t bits, uint32_t length, uint32_t symbol) {
  uint32_t turned = 0;
  for (uint32_t i = 0; i < length; i++) turned |= (bits >> i & 1) << (length - 1 - i);
  for (; turned < QUICK; turned += 1u << length) {
    code->quick[turned] = (uint16_t)(symbol << 4 | length);
  }
}

static void make_code(struct code *code, const uint8_t *lengths, uint32_t count) {
  uint16_t places[MOST_BITS + 1], next[MOST_BITS + 1];
  for (uint32_t i = 0; i <= MOST_BITS; i++) code->counts[i] = 0;
  for (uint32_t i = 0; i < QUICK; i++) code->quick[i] = 0;
  for (uint32_t i = 0; i < count; i++) code->counts[lengths[i]]++;
  code->counts[0] = places[0] = next[0] = 0;
  for (uint32_t i = 0; i < MOST_BITS; i++) {
    places[i + 1] = (uint16_t)(places[i] + code->counts[i]);
    next[i + 1] = (uint16_t)((next[i] + code->counts[i]) << 1);
  }
  for (uint32_t i = 0; i < count; i++) {
    uint32_t length = lengths[i];
    if (length == 0) continue;
    code->symbols[places[length]++] = (uint16_t)i;
    if (length <= QUICK_BITS) add_quick(code, next[length], length, i);
    next[length]++;
  }
}

static uint32_t symbol(struct stream *s, const struct code *code) {
  hold(s, MOST_BITS);
  uint32_t known = code->quick[s->bits & (QUICK - 1)];
  if (known != 0) {
    drop(s, known & 15);
    return known >> 4;
  }
  int32_t bits = 0, first = 0, index = 0;
  for (uint32_t length = 1; length <= MOST_BITS; length++) {
    int32_t count = code->counts[length];
    bits |= (int32_t)(s->bits >> (length - 1) & 1);
    if (bits - count < first) {
      drop(s, length);
      return code->symbols[index + (bits - first)];
    }
    index += count;
    first = (first + count) << 1;
    bits <<= 1;
  }
  s->broken = 1;
  return 0;
}

/* Codes of lengths and distances in groups: `step` of them with as many more bits as before. */
static uint32_t extended(struct stream *s, uint32_t code, uint32_t step, uint32_t base) {
  if (code < 2 * step) return base + code;
  uint32_t more = code / step - 1;
  return base + ((step + code % step) << more) + take(s, more);
}

static void stored(struct stream *s) {
  give_back(s);
  uint32_t length = s->in[0] | (uint32_t)s->in[1] << 8;
  s->in += 4;
  while (length-- > 0 && !s->broken) put(s, *s->in++);
}

static void compressed(struct stream *s, const struct code *literals, const struct code *distances) {
  while (!s->broken) {
    uint32_t found = symbol(s, literals);
    if (found < 256) {
      put(s, found);
      continue;
    }
    if (found == 256) return;
    uint32_t length = found == 285 ? 258 : extended(s, found - 257, 4, 3);
    uint32_t distance = extended(s, symbol(s, distances), 2, 1);
    while (length-- > 0 && !s->broken) put(s, s->window[(s->position - distance) & (WINDOW - 1)]);
  }
}

static void fill(uint8_t *lengths, uint32_t from, uint32_t to, uint8_t value) {
  while (from < to) lengths[from++] = value;
}

static void fixed(struct stream *s, struct code *literals, struct code *distances) {
  uint8_t lengths[LITERALS];
  fill(lengths, 0, 144, 8);
  fill(lengths, 144, 256, 9);
  fill(lengths, 256, 280, 7);
  fill(lengths, 280, LITERALS, 8);
  make_code(literals, lengths, LITERALS);
  fill(lengths, 0, 30, 5);
  make_code(distances, lengths, 30);
  compressed(s, literals, distances);
}

static void dynamic(struct stream *s, struct code *literals, struct code *distances) {
  static const uint8_t ORDER[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[LITERALS + DISTANCES];
  uint32_t literal_count = take(s, 5) + 257, count = literal_count + take(s, 5) + 1;
  uint32_t order_count = take(s, 4) + 4;
  fill(lengths, 0, 19, 0);
  for (uint32_t i = 0; i < order_count; i++) lengths[ORDER[i]] = (uint8_t)take(s, 3);
  make_code(literals, lengths, 19);
  for (uint32_t i = 0; i < count && !s->broken;) {
    uint32_t found = symbol(s, literals), times = 1;
    uint8_t length = (uint8_t)found;
    if (found >= 16) {
      length = found == 16 && i > 0 ? lengths[i - 1] : 0;
      times = found == 16 ? 3 + take(s, 2) : found == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
    }
    if (times > count - i) s->broken = 1;
    else fill(lengths, i, i + times, length);
    i += times;
  }
  if (s->broken) return;
  make_code(literals, lengths, literal_count);
  make_code(distances, lengths + literal_count, count - literal_count);
  compressed(s, literals, distances);
}

int unpack(const uint8_t *packed, const struct run *runs, uint32_t count) {
  struct stream s;
  struct code literals, distances;
  s.in = packed + 2;
  s.bits = s.held = s.position = s.sums = 0;
  s.sum = 1;
  s.run = runs;
  s.end = runs + count;
  s.out = s.out_end = 0;
  s.broken = 0;
  for (uint32_t last = 0; !last && !s.broken;) {
    last = take(&s, 1);
    uint32_t kind = take(&s, 2);
    if (kind == 0) stored(&s);
    else if (kind == 1) fixed(&s, &literals, &distances);
    else if (kind == 2) dynamic(&s, &literals, &distances);
    else s.broken = 1;
  }
  give_back(&s);
  uint32_t check = 0;
  for (uint32_t i = 0; i < 4; i++) check = check << 8 | s.in[i];
  return !s.broken && s.run == s.end && s.out == s.out_end && check == (s.sums << 16 | s.sum);
}
