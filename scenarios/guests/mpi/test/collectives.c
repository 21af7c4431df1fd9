/* Checks of collective calls: every root, odd numbers of processes, operators that do not
 * commute. */
#include "check.h"

/* Composition of affine maps x -> a x + b modulo 2^32: associative, and does not commute. */
static void compose(void *in, void *inout, int *count, MPI_Datatype *type) {
  unsigned *f = in, *g = inout;
  (void)type;
  for (int i = 0; i < *count; i++, f += 2, g += 2) {
    unsigned a = f[0] * g[0], b = f[1] * g[0] + g[1];
    g[0] = a;
    g[1] = b;
  }
}

static void map_of(int from, int i, unsigned *map) {
  map[0] = 2 * from + 3 + i;
  map[1] = 5 * from + 1 + i;
}

/* The maps of the ranks from first up to last, last excluded, in order. */
static void composed(int first, int last, int i, unsigned *map) {
  map_of(first, i, map);
  for (int r = first + 1; r < last; r++) {
    unsigned next[2];
    int one = 1;
    map_of(r, i, next);
    compose(map, next, &one, 0);
    memcpy(map, next, sizeof next);
  }
}

static void check_order_of_operators(MPI_Comm comm, int me, int count) {
  enum { N = 5 };
  unsigned mine[2 * N], got[2 * N], wanted[2];
  MPI_Datatype pair;
  MPI_Op op;
  MPI_Type_contiguous(2, MPI_UNSIGNED, &pair);
  MPI_Type_commit(&pair);
  MPI_Op_create(compose, 0, &op);
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < N; i++) map_of(me, i, mine + 2 * i);
    MPI_Reduce(mine, got, N, pair, op, root, comm);
    for (int i = 0; i < N && me == root; i++) {
      composed(0, count, i, wanted);
      CHECK(memcmp(got + 2 * i, wanted, sizeof wanted) == 0);
    }
  }
  MPI_Allreduce(mine, got, N, pair, op, comm);
  composed(0, count, 1, wanted);
  CHECK(memcmp(got + 2, wanted, sizeof wanted) == 0);
  MPI_Scan(mine, got, N, pair, op, comm);
  composed(0, me + 1, 2, wanted);
  CHECK(memcmp(got + 4, wanted, sizeof wanted) == 0);
  MPI_Exscan(mine, got, N, pair, op, comm);
  if (me > 0) {
    composed(0, me, 3, wanted);
    CHECK(memcmp(got + 6, wanted, sizeof wanted) == 0);
  }
  MPI_Op_free(&op);
  MPI_Type_free(&pair);
}

static void check_reductions(MPI_Comm comm, int me, int count) {
  int in[3], out[3] = {me + 1, -me, 1 << me % 30}, root, i, sum = 0;
  long long product = 1, all = 0, mine = me + 1;
  double real = 0.1 * me, total;
  struct {
    double value;
    int index;
  } place, best;
  struct {
    int value, index;
  } low = {7 - me % 2, me}, lowest;
  for (i = 0; i < count; i++) sum += i + 1, product *= i + 1;
  for (root = 0; root < count; root++) {
    MPI_Reduce(out, in, 3, MPI_INT, MPI_SUM, root, comm);
    if (me == root) CHECK(in[0] == sum && in[1] == count - sum);
  }
  if (me == count - 1) {
    memcpy(in, out, sizeof in);
    MPI_Reduce(MPI_IN_PLACE, in, 3, MPI_INT, MPI_MAX, me, comm);
    CHECK(in[0] == count && in[1] == 0);
  } else {
    MPI_Reduce(out, 0, 3, MPI_INT, MPI_MAX, count - 1, comm);
  }
  MPI_Allreduce(&mine, &all, 1, MPI_LONG_LONG, MPI_PROD, comm);
  CHECK(all == product);
  memcpy(in, out, sizeof in);
  MPI_Allreduce(MPI_IN_PLACE, in, 3, MPI_INT, MPI_BOR, comm);
  CHECK(in[2] == (count >= 30 ? (1 << 30) - 1 : (1 << count) - 1));
  MPI_Allreduce(&real, &total, 1, MPI_DOUBLE, MPI_MAX, comm);
  CHECK(total == 0.1 * (count - 1));
  place.value = (me * 3) % 5;
  place.index = me;
  MPI_Allreduce(&place, &best, 1, MPI_DOUBLE_INT, MPI_MAXLOC, comm);
  for (i = 0; i < count && (i * 3) % 5 != best.value; i++) continue;
  CHECK(best.index == i);
  for (i = 0; i < count; i++) CHECK((i * 3) % 5 <= best.value);
  MPI_Allreduce(&low, &lowest, 1, MPI_2INT, MPI_MINLOC, comm);
  CHECK(count == 1 ? lowest.index == 0 : lowest.value == 6 && lowest.index == 1);
  MPI_Scan(&mine, &all, 1, MPI_LONG_LONG, MPI_SUM, comm);
  CHECK(all == (me + 1) * (me + 2) / 2);
  all = mine;
  MPI_Exscan(MPI_IN_PLACE, &all, 1, MPI_LONG_LONG, MPI_SUM, comm);
  CHECK(all == (me == 0 ? 1 : me * (me + 1) / 2));
}

static void check_scattered_reductions(MPI_Comm comm, int me, int count) {
  int *counts = malloc(count * sizeof *counts), total = 0, before = 0;
  for (int i = 0; i < count; i++) {
    counts[i] = i % 3;
    if (i < me) before += counts[i];
    total += counts[i];
  }
  int *out = malloc((total + count + 1) * sizeof *out), in[3] = {-1, -1, -1};
  for (int i = 0; i < total; i++) out[i] = value(me, 0, i);
  MPI_Reduce_scatter(out, in, counts, MPI_INT, MPI_SUM, comm);
  for (int i = 0; i < counts[me]; i++) {
    int wanted = 0;
    for (int r = 0; r < count; r++) wanted += value(r, 0, before + i);
    CHECK(in[i] == wanted);
  }
  for (int i = 0; i < count; i++) out[i] = value(me, i, 0);
  MPI_Reduce_scatter_block(out, in, 1, MPI_INT, MPI_MAX, comm);
  CHECK(in[0] == value(count - 1, me, 0));
  free(counts);
  free(out);
}

/* Parts of `n` ints, gathered, scattered and exchanged, from and to every root. */
static void check_parts(MPI_Comm comm, int me, int count, int n) {
  int *one = malloc((n + 1) * sizeof *one), *all = malloc((n + 1) * count * sizeof *all),
      *other = malloc((n + 1) * count * sizeof *other);
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < n; i++) one[i] = me == root ? value(root, 0, i) : -1;
    MPI_Bcast(one, n, MPI_INT, root, comm);
    for (int i = 0; i < n; i++) CHECK(one[i] == value(root, 0, i));
    for (int i = 0; i < n; i++) one[i] = value(me, root, i);
    memset(all, 255, n * count * sizeof *all);
    MPI_Gather(one, n, MPI_INT, all, n, MPI_INT, root, comm);
    for (int i = 0; i < n * count && me == root; i++) CHECK(all[i] == value(i / n, root, i % n));
    for (int i = 0; i < n * count; i++) all[i] = me == root ? value(root, i / n, i % n) : -1;
    memset(one, 255, n * sizeof *one);
    MPI_Scatter(all, n, MPI_INT, one, n, MPI_INT, root, comm);
    for (int i = 0; i < n; i++) CHECK(one[i] == value(root, me, i));
  }
  for (int i = 0; i < n; i++) one[i] = value(me, 1, i);
  MPI_Allgather(one, n, MPI_INT, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, 1, i % n));
  memset(all, 255, n * count * sizeof *all);
  memcpy(all + n * me, one, n * sizeof *one);
  MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, 1, i % n));
  for (int i = 0; i < n * count; i++) all[i] = value(me, i / n, i % n);
  MPI_Alltoall(all, n, MPI_INT, other, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(other[i] == value(i / n, me, i % n));
  MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, me, i % n));
  free(one);
  free(all);
  free(other);
}

/* Parts of different sizes with gaps: process i has i % 4 elements, at places of four. */
static void check_uneven_parts(MPI_Comm comm, int me, int count) {
  int *counts = malloc(count * sizeof *counts), *places = malloc(count * sizeof *places);
  int *out_counts = malloc(count * sizeof *counts), mine[4];
  int *all = malloc(4 * count * sizeof *all), *other = malloc(4 * count * sizeof *all);
  for (int i = 0; i < count; i++) counts[i] = i % 4, places[i] = 4 * i, out_counts[i] = me % 4;
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < 4; i++) mine[i] = value(me, root, i);
    memset(all, 255, 4 * count * sizeof *all);
    MPI_Gatherv(mine, me % 4, MPI_INT, all, counts, places, MPI_INT, root, comm);
    for (int i = 0; i < 4 * count && me == root; i++) {
      CHECK(all[i] == (i % 4 < i / 4 % 4 ? value(i / 4, root, i % 4) : -1));
    }
    for (int i = 0; i < 4 * count; i++) all[i] = value(root, i / 4, i % 4);
    memset(mine, 255, sizeof mine);
    MPI_Scatterv(all, counts, places, MPI_INT, mine, me % 4, MPI_INT, root, comm);
    for (int i = 0; i < 4; i++) CHECK(mine[i] == (i < me % 4 ? value(root, me, i) : -1));
  }
  for (int i = 0; i < 4; i++) mine[i] = value(me, 2, i);
  memset(all, 255, 4 * count * sizeof *all);
  MPI_Allgatherv(mine, me % 4, MPI_INT, all, counts, places, MPI_INT, comm);
  for (int i = 0; i < 4 * count; i++) {
    CHECK(all[i] == (i % 4 < i / 4 % 4 ? value(i / 4, 2, i % 4) : -1));
  }
  for (int i = 0; i < 4 * count; i++) all[i] = value(me, i / 4, i % 4);
  memset(other, 255, 4 * count * sizeof *other);
  MPI_Alltoallv(all, out_counts, places, MPI_INT, other, counts, places, MPI_INT, comm);
  for (int i = 0; i < 4 * count; i++) {
    CHECK(other[i] == (i % 4 < i / 4 % 4 ? value(i / 4, me, i % 4) : -1));
  }
  free(counts);
  free(places);
  free(out_counts);
  free(all);
  free(other);
}

/* Collective calls that do not wait, several under way at once, finished in another order. */
static void check_unwaited(MPI_Comm comm, int me, int count) {
  int sum = 0, shared[3] = {me == 0 ? 5 : 0}, all[64], from_all[64], to_all[64], mine = me + 1,
      scanned = 0, part = -1, flag = 0, wanted = 0;
  unsigned map[2], maps[2], expected[2];
  MPI_Request requests[7], barrier;
  MPI_Datatype pair;
  MPI_Op op;
  if (count > 64) return;
  for (int i = 0; i < count; i++) to_all[i] = value(me, i, 0), wanted += i + 1;
  MPI_Type_contiguous(2, MPI_UNSIGNED, &pair);
  MPI_Type_commit(&pair);
  MPI_Op_create(compose, 0, &op);
  map_of(me, 0, map);
  MPI_Ibcast(shared, 1, MPI_INT, 0, comm, &requests[0]);
  MPI_Iallreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, comm, &requests[1]);
  MPI_Iallgather(&mine, 1, MPI_INT, all, 1, MPI_INT, comm, &requests[2]);
  MPI_Ialltoall(to_all, 1, MPI_INT, from_all, 1, MPI_INT, comm, &requests[3]);
  MPI_Ireduce(map, maps, 1, pair, op, count - 1, comm, &requests[4]);
  MPI_Type_free(&pair); /* while they are still needed */
  MPI_Op_free(&op);
  MPI_Iscan(&mine, &scanned, 1, MPI_INT, MPI_SUM, comm, &requests[5]);
  MPI_Iscatter(to_all, 1, MPI_INT, &part, 1, MPI_INT, count / 2, comm, &requests[6]);
  MPI_Wait(&requests[6], MPI_STATUS_IGNORE);
  CHECK(part == value(count / 2, me, 0));
  MPI_Waitall(6, requests, MPI_STATUSES_IGNORE);
  CHECK(shared[0] == 5 && sum == wanted && scanned == (me + 1) * (me + 2) / 2);
  for (int i = 0; i < count; i++) CHECK(all[i] == i + 1 && from_all[i] == value(i, me, 0));
  composed(0, count, 0, expected);
  CHECK(me != count - 1 || memcmp(maps, expected, sizeof maps) == 0);
  /* Others are still served while a barrier is waited for. */
  if (me == 0 && count > 1) {
    MPI_Recv(&part, 1, MPI_INT, count - 1, 50, comm, MPI_STATUS_IGNORE);
  }
  MPI_Ibarrier(comm, &barrier);
  MPI_Test(&barrier, &flag, MPI_STATUS_IGNORE);
  CHECK(count == 1 || me != count - 1 || !flag);
  if (me == count - 1 && count > 1) MPI_Send(&me, 1, MPI_INT, 0, 50, comm);
  while (!flag) MPI_Test(&barrier, &flag, MPI_STATUS_IGNORE);
}

void check_collectives(MPI_Comm comm) {
  int me, count;
  MPI_Comm_rank(comm, &me);
  MPI_Comm_size(comm, &count);
  MPI_Barrier(comm);
  check_reductions(comm, me, count);
  check_order_of_operators(comm, me, count);
  check_scattered_reductions(comm, me, count);
  check_parts(comm, me, count, 1);
  check_parts(comm, me, count, 13);
  check_uneven_parts(comm, me, count);
  check_unwaited(comm, me, count);
}
